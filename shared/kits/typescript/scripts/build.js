// Makes `dist`, for both kinds of modules. `npm install FOLDER` runs it without installing what it needs, so it does that
// itself. It makes nothing else.

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("..", import.meta.url));
const compiler = `${folder}node_modules/typescript/bin/tsc`;
const run = (program, ...rest) => execFileSync(program, rest, { cwd: folder, stdio: ["ignore", 2, 2] });

if (!existsSync(compiler)) {
  // Without scripts: this one is the only one.
  run(process.platform === "win32" ? "npm.cmd" : "npm", "ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--silent");
}
rmSync(`${folder}dist`, { recursive: true, force: true });
run(process.execPath, compiler);
run(process.execPath, compiler, "--module", "commonjs", "--moduleResolution", "node10", "--outDir", "dist/cjs");
// Who installed this folder has a link to it.
chmodSync(`${folder}dist/esm/cli.js`, 0o755);
writeFileSync(`${folder}dist/esm/package.json`, '{"type":"module"}\n');
writeFileSync(`${folder}dist/cjs/package.json`, '{"type":"commonjs"}\n');
