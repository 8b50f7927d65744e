// Builds the page into `built/`, which is committed, so that cargo needs no Node. The same sources give the same bytes.
import { build } from 'esbuild';
import { gzipSync } from 'node:zlib';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const LIMIT = 90_000;

const bundle = async (entry) => {
  const { outputFiles } = await build({
    entryPoints: [here(entry)],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    charset: 'ascii',
  });
  return `${outputFiles[0].text.trimEnd()}\n`;
};

const files = {
  'index.html': await readFile(here('src/index.html'), 'utf8'),
  'viewer.css': await bundle('src/viewer.css'),
  'viewer.js': await bundle('src/main.tsx'),
};

// They are put into one HTML file, where these would end their elements.
if (/<\/script|<!--/i.test(files['viewer.js'])) throw new Error('viewer.js holds what ends a script element.');
if (/<\/style/i.test(files['viewer.css'])) throw new Error('viewer.css holds what ends a style element.');

await mkdir(here('built'), { recursive: true });
for (const [name, text] of Object.entries(files)) await writeFile(here(`built/${name}`), text);

const size = gzipSync(Object.values(files).join(''), { level: 9 }).length;
console.log(`the page takes ${size} of ${LIMIT} bytes, gzipped`);
if (size > LIMIT) throw new Error('The page is over its limit.');
