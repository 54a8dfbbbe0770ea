// Builds from the modules of this folder what lies beside it, and beside the dashboard's pages: the
// scripts that pages carry, and which tables each chart reads. `node build.js` writes, `node build.js --check` names what is stale.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { SECTIONS } from './charts/sections.js';

const HERE = import.meta.dirname;
const OUT = join(HERE, '..');
const OURS = {
  banner: { js: '// Built from js/ by `make js`: change it there.' },
  minify: true,
  target: 'es2022',
};
// Maps, which no chart is, would bring the style and half a megabyte.
const PLOTLY = {
  minify: true,
  target: 'es2022',
  loader: { '.css': 'empty' },
  define: { global: 'window', 'define.amd': 'false' },
};

/**
 * A script of one entry and all that it imports.
 * @param {import('esbuild').BuildOptions} options
 */
async function bundled(options) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: HERE,
    bundle: true,
    charset: 'utf8',
    format: 'iife',
    logLevel: 'warning',
    metafile: true,
    write: false,
    ...options,
  });
  return { text: outputFiles[0].text, metafile };
}

/**
 * Plotly's notice stays with its code, and says whose code came along.
 * @param {string} entry
 */
async function plotly(entry) {
  const { text, metafile } = await bundled({ ...PLOTLY, entryPoints: [entry] });
  const [{ inputs }] = Object.values(metafile.outputs);
  const folders = Object.keys(inputs).flatMap((path) =>
    inputs[path].bytesInOutput
      ? (path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? [])
      : [],
  );
  const packages = [...new Set(folders)]
    .map((folder) => JSON.parse(readFileSync(join(HERE, folder, 'package.json'), 'utf8')))
    .map(({ name, version, license }) => `${name} ${version} (${license})`)
    .sort();
  const notice = readFileSync(join(HERE, 'node_modules/plotly.js/LICENSE'), 'utf8').trim();
  const lines = [
    `Built from ${entry} by \`make js\`, of ${packages.join(', ')}.`,
    ...notice.split('\n'),
  ];
  return `/*!\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n${text}`;
}

/**
 * The tables that each chart reads: those that the chart, and whatever it calls, has the name of. So
 * what a chart is given need not be listed a second time, and cannot be forgotten.
 */
async function tablesOfCharts() {
  const types = readFileSync(join(HERE, 'data/tables.d.ts'), 'utf8');
  const names = [...types.matchAll(/^ {2}(\w+): \{$/gm)].map(([, name]) => name);
  /** @type {Record<string, string[]>} */
  const tables = {};
  const shown = new Set(SECTIONS.flatMap(({ charts }) => charts));
  for (const path of modulesOf('charts')) {
    for (const [name, value] of Object.entries(await import(`./${path}`))) {
      if (!shown.has(value)) continue;
      const contents = `export { ${name} } from './${path}'; export { draw } from './charts/draw.js';`;
      const { text } = await bundled({ stdin: { contents, resolveDir: HERE }, format: 'esm' });
      tables[value.id] = names.filter((table) => new RegExp(`["']${table}["']`).test(text));
    }
  }
  const ids = [...shown].map(({ id }) => id);
  const ordered = Object.fromEntries(ids.map((id) => [id, tables[id]]));
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function modulesOf(folder) {
  return readdirSync(join(HERE, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .map((path) => `${folder}/${path}`);
}

const ours = async (/** @type {import('esbuild').BuildOptions} */ options) =>
  (await bundled({ ...OURS, ...options })).text;

/**
 * A component of the dashboard, as Streamlit takes it.
 * @param {string} name of its module
 */
const component = (name) => ours({ entryPoints: [`dashboard/${name}.js`], format: 'esm' });

const BUILT = {
  'page.js': () => ours({ entryPoints: ['page/main.js'] }),
  'survey.js': () => ours({ entryPoints: ['survey/main.js'] }),
  'dashboard.js': () => component('charts'),
  '../dashboard/figures.js': () => component('figures'),
  '../dashboard/listing.js': () => component('listing'),
  '../dashboard/embedded_page.js': () => component('embedded-page'),
  'plotly-flat.js': () => plotly('plotly/flat.js'),
  'plotly-space.js': () => plotly('plotly/space.js'),
  'charts.json': tablesOfCharts,
};

const stale = [];
for (const [name, make] of Object.entries(BUILT)) {
  const text = await make();
  const path = join(OUT, name);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) stale.push(name);
}
if (stale.length) {
  console.error(`stale, as seen from pipelines/report: ${stale.join(', ')}; run \`make js\``);
  process.exitCode = 1;
}
