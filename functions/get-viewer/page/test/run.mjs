// Builds the tests and runs them: Node itself reads no TypeScript before version 22.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const tests = (await readdir(here('.'))).filter((name) => name.endsWith('.test.ts'));
await rm(here('built'), { recursive: true, force: true });
await build({
  entryPoints: tests.map((name) => here(name)),
  outdir: here('built'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
});
const built = tests.map((name) => here(`built/${name.replace(/ts$/, 'mjs')}`));
process.exit(spawnSync(process.execPath, ['--test', ...built], { stdio: 'inherit' }).status ?? 1);
