// The correction desk of the ingest report in a real browser: pages are set right there, the saved file goes into the batch, the next run follows it.
//
// DANGAN_BIN names the program. DANGAN_SHOTS, where set, is a folder that receives pictures.

import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const source = join(dirname(fileURLToPath(import.meta.url)), '../..');
const program = process.env.DANGAN_BIN ?? join(source, 'build/cli/dangan');
const browserPath = '/usr/bin/chromium';
const ORDERED = '606129196201204759', PDF = '12036519341023878X';

let chromium;
try {
  ({chromium} = await import('playwright-core'));
} catch { /* said below */ }
if (!chromium || !existsSync(browserPath)) {
  console.log(`1..0 # SKIP ${chromium ? 'there is no ' + browserPath : 'playwright-core is not installed; run script/bootstrap'}`);
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'dangan-desk-'));
const batch = join(folder, 'batch'), out = join(folder, 'out');
cpSync(join(source, 'samples/batch'), batch, {recursive: true});

function ingest(folder = ORDERED) {
  const done = spawnSync(program, ['ingest', batch, '--out', out, '--ocr', 'none', '--json'], {encoding: 'utf8'});
  assert([0, 1].includes(done.status), done.stdout + done.stderr);
  const report = JSON.parse(readFileSync(join(out, 'ingest-report.json'), 'utf8'));
  const {id, pages, state} = report.dossiers.find(d => d.folder === folder);
  const part = inside => readFileSync(join(out, id, 'data', id, 'metadata', inside), 'utf8');
  return {done: JSON.parse(done.stdout).done, page: (scan, frame = 1) => pages.find(p => p.scan === scan && p.frame === frame), part, state};
}

const cases = [];
const check = (name, run) => cases.push([name, run]);
let browser, page;
const first = ingest();

async function desk(scan, frame = 1) {
  const figure = page.locator(`details.dossier figure[data-page*='"place":"${scan}","place_frame":${frame},']`);
  await figure.click();
  await page.waitForFunction(() => document.querySelector('#desk canvas').width > 300);
}

async function shot(name) {
  if (process.env.DANGAN_SHOTS) await page.screenshot({path: join(process.env.DANGAN_SHOTS, name + '.png')});
}

async function save() {
  const waiting = page.waitForEvent('download');
  await page.click('#save');
  const download = await waiting;
  assert.equal(download.suggestedFilename(), 'corrections.csv');
  await download.saveAs(join(batch, 'corrections.csv'));
  return readFileSync(join(batch, 'corrections.csv'), 'utf8');
}

check('the report asks for nothing but its own images', async () => {
  const asked = [];
  page.on('request', request => asked.push(request.url()));
  await page.goto(pathToFileURL(join(out, 'ingest-report.html')).href);
  await page.waitForSelector('.scripted');
  assert(asked.length > 0 && asked.every(url => url.startsWith('file://') || url.startsWith('data:')), asked.join('\n'));
  await shot('report');
});

check('a correction without a name is not saved', async () => {
  await desk('scan0001.jpg');
  await page.click('button[data-do=right]');
  await page.click('button[data-do=close]');
  assert.match(await page.textContent('#edits'), /^1 /);
  await page.click('#save');
  assert(await page.evaluate(() => document.activeElement.id === 'by' && document.activeElement.classList.contains('wanted')));
});

check('turn, crop, blank and material become rows that the next run follows', async () => {
  await page.fill('#by', '王某, "甲"');
  await desk('scan0004.jpg');
  const area = await page.locator('#desk canvas').boundingBox();
  await page.mouse.move(area.x + area.width * .25, area.y + area.height * .25);
  await page.mouse.down();
  await page.mouse.move(area.x + area.width * .75, area.y + area.height * .5, {steps: 4});
  await page.mouse.up();
  await shot('desk');
  await page.click('button[data-do=following]');
  const was = await page.isChecked('#blank');
  await page.setChecked('#blank', !was);
  assert.match(await page.textContent('.made'), /blank/);
  await page.setChecked('#blank', was); // as it was measured: no correction is left
  assert.equal(await page.textContent('.made'), '');
  await page.click('button[data-do=close]');
  await desk('scan0006.png');
  await page.selectOption('#material', '9-1-1');
  await page.selectOption('#material', '');
  await page.click('button[data-do=left]');
  await page.click('button[data-do=left]');
  await page.click('button[data-do=close]');
  const text = await save();
  assert(text.startsWith('\ufefffolder,scan,page,what,value,by,at\r\n'), text);
  assert(text.includes('"王某, ""甲"""'), text);
  const {page: now} = ingest();
  const turned = now('scan0001.jpg'), cut = now('scan0004.jpg'), over = now('scan0006.png');
  assert.equal(turned.turn_cw_deg, (first.page('scan0001.jpg').turn_cw_deg + 270) % 360);
  assert.equal(over.turn_cw_deg, (first.page('scan0006.png').turn_cw_deg + 180) % 360);
  const before = first.page('scan0004.jpg');
  assert(Math.abs(cut.width_px - before.width_px / 2) < before.width_px * .02, `${cut.width_px} of ${before.width_px}`);
  assert(Math.abs(cut.height_px - before.height_px / 4) < before.height_px * .02, `${cut.height_px} of ${before.height_px}`);
  assert(Math.abs(cut.crop.x_px - (before.crop?.x_px ?? 0) - before.width_px / 4) < before.width_px * .02);
  assert.equal(cut.corrections[0].by, '王某, "甲"');
});

check('what is in force is shown, stays in the next file, and can be taken back', async () => {
  await page.goto(pathToFileURL(join(out, 'ingest-report.html')).href);
  await page.waitForSelector('.scripted');
  assert.doesNotMatch(await page.textContent('#edits'), /^[1-9]/);
  await desk('scan0004.jpg');
  await page.locator('.made button').click();
  await page.click('button[data-do=close]');
  const text = await save();
  assert(!text.includes('scan0004.jpg') && text.includes('scan0001.jpg') && text.includes('scan0006.png'), text);
  const {done, page: now} = ingest();
  assert.equal(done.sides_imaged, 0);
  assert.equal(now('scan0004.jpg').width_px, first.page('scan0004.jpg').width_px);
  assert.notEqual(now('scan0001.jpg').turn_cw_deg, first.page('scan0001.jpg').turn_cw_deg);
});

check('material and order are set; package and PREMIS say what, who and when', async () => {
  await page.goto(pathToFileURL(join(out, 'ingest-report.html')).href);
  await desk('scan0001.jpg');
  await page.selectOption('#material', '9-1-1');
  await page.fill('#order', '1');
  await page.press('#order', 'Tab');
  await page.click('button[data-do=close]');
  const at = Object.fromEntries((await save()).split('\r\n').filter(row => row.includes('scan0001.jpg'))
    .map(row => [row.split(',')[3], row.split(',').pop()]));
  assert.deepEqual(Object.keys(at).sort(), ['material', 'order', 'turn']);
  const {page: now, part} = ingest();
  assert.equal(now('scan0001.jpg').stem, '9-1-1-001');
  assert.notEqual(now('scan0004.jpg').stem, first.page('scan0004.jpg').stem); // it moved down
  const said = part('descriptive/dossier.xml'), premis = part('preservation/premis.xml');
  for (const [what, value] of [['turn', String(now('scan0001.jpg').turn_cw_deg)], ['material', '9-1-1'], ['order', '1']])
    assert(said.includes(`<correction what="${what}" value="${value}" by="王某, &quot;甲&quot;" at="${at[what]}"/>`), said);
  assert.match(premis, /agentName>王某, ("|&quot;)甲/);
  for (const time of Object.values(at)) assert(premis.includes(`eventDateTime>${time}<`), premis);
});

check('blank sides are set and unset', async () => {
  await page.goto(pathToFileURL(join(out, 'ingest-report.html')).href);
  for (const frame of [2, 3]) { // a blank one, one with content: the count stays what the catalogue says
    await desk('scan.pdf', frame);
    const was = await page.isChecked('#blank');
    assert.equal(was, frame === 2);
    await page.setChecked('#blank', !was);
    await page.click('button[data-do=close]');
  }
  assert.match(await page.textContent('#edits'), /^2 .*not saved/);
  await save();
  assert.match(await page.textContent('#edits'), /^2 .*waiting for a run/);
  await page.reload();
  assert.match(await page.textContent('#edits'), /^2 .*waiting for a run/); // the browser keeps it
  const {page: now, part, state} = ingest(PDF);
  assert.equal(state, 'packaged');
  assert.deepEqual([now('scan.pdf', 2).blank, now('scan.pdf', 3).blank], [false, true]);
  assert.match(part('descriptive/dossier.xml'), /<correction what="blank" value="no" by="王某, &quot;甲&quot;"/);
});

check('a crop turns with its page', async () => {
  await page.goto(pathToFileURL(join(out, 'ingest-report.html')).href);
  await desk('scan0004.jpg');
  assert(await page.locator('#desk canvas').evaluate(canvas => { // the page is drawn
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return data.some(value => value < 80) && data.some(value => value > 200);
  }));
  const area = await page.locator('#desk canvas').boundingBox();
  await page.mouse.move(area.x + 2, area.y + 2);
  await page.mouse.down();
  await page.mouse.move(area.x + area.width * .5, area.y + area.height * .25, {steps: 4});
  await page.mouse.up();
  await page.click('button[data-do=right]');
  await shot('desk-turned');
  await page.click('button[data-do=close]');
  await save();
  const {page: now} = ingest();
  const before = first.page('scan0004.jpg'), after = now('scan0004.jpg');
  assert(Math.abs(after.width_px - before.height_px / 4) < before.height_px * .02, `${after.width_px} x ${after.height_px}`);
  assert(Math.abs(after.height_px - before.width_px / 2) < before.width_px * .02, `${after.width_px} x ${after.height_px}`);
});

let failed = 0;
try {
  browser = await chromium.launch({executablePath: browserPath, args: ['--headless', '--no-sandbox', '--disable-gpu', '--allow-file-access-from-files']});
  page = await browser.newPage({viewport: {width: 1300, height: 900}, acceptDownloads: true});
  page.on('pageerror', error => { console.log(`# ${error}`); failed++; });
  for (const [i, [name, run]] of cases.entries()) {
    try {
      await run();
      console.log(`ok ${i + 1} - ${name}`);
    } catch (error) {
      failed++;
      console.log(`not ok ${i + 1} - ${name}\n# ${String(error.stack).replaceAll('\n', '\n# ')}`);
    }
  }
} finally {
  await browser?.close();
  rmSync(folder, {recursive: true, force: true});
}
console.log(`1..${cases.length}`);
process.exit(failed ? 1 : 0);
