// The reading room in a real browser, over the real chain: the sample batch is digitized, deposited and served.
//
// DANGAN_BIN names the program. DANGAN_SHOTS, where set, is a folder that receives a picture of every screen.

import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const source = join(dirname(fileURLToPath(import.meta.url)), '../..');
const program = process.env.DANGAN_BIN ?? join(source, 'build/cli/dangan');
const shots = process.env.DANGAN_SHOTS;
const browserPath = '/usr/bin/chromium';
const browserOptions = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const account = 'wang', password = 'reading-room-test';
const person = {name: '钟勇学', id: '606129196201204759', masked: '606129********4759'};
const word = '工资';

let chromium;
try {
  ({chromium} = await import('playwright-core'));
} catch { /* said below */ }
if (!chromium || !existsSync(browserPath)) {
  console.log(`1..0 # SKIP ${chromium ? 'there is no ' + browserPath : 'playwright-core is not installed; run script/bootstrap'}`);
  process.exit(0);
}

/* --- an archive, served ------------------------------------------------------------------------------------------------ */

const folder = mkdtempSync(join(tmpdir(), 'dangan-browser-'));
chmodSync(folder, 0o755); // PostgreSQL runs as another user under root
const archive = join(folder, 'archive'), packages = join(folder, 'packages');
let server, browser;

function dangan(arguments_, {input, status = [0]} = {}) {
  const done = spawnSync(program, arguments_, {input, encoding: 'utf8'});
  assert(status.includes(done.status), `dangan ${arguments_.join(' ')} ended with ${done.status}\n${done.stdout}${done.stderr}`);
}

async function serve() {
  dangan(['ingest', join(source, 'samples/batch'), '--out', packages], {status: [0, 1]});
  dangan(['archive', 'init', archive, '--district', '310104']);
  dangan(['deposit', '--archive', archive, packages], {status: [0, 1]});
  dangan(['user', 'add', '--archive', archive, account], {input: password + '\n'});
  server = spawn(program, ['serve', '--archive', archive, '--listen', '127.0.0.1:0'], {stdio: ['ignore', 'pipe', 'ignore']});
  for await (const piece of server.stdout) {
    const found = /http:\/\/\S+/.exec(String(piece));
    if (found) return found[0];
  }
  throw new Error('dangan serve ended');
}

async function stop() {
  await browser?.close();
  let ended = null;
  if (server) {
    ended = new Promise(resolve => server.on('exit', resolve));
    server.kill('SIGTERM');
  }
  const status = await ended;
  spawnSync(program, ['archive', 'stop', archive]);
  rmSync(folder, {recursive: true, force: true});
  return status;
}

/* --- cases ----------------------------------------------------------------------------------------------------------------- */

let number = 0, failed = 0;
async function run(title, body) {
  number++;
  try {
    await body();
    console.log(`ok ${number} - ${title}`);
  } catch (error) {
    failed++;
    console.log(`not ok ${number} - ${title}`);
    for (const line of String(error.stack).split('\n')) console.log('# ' + line);
  }
}

async function shot(page, name) {
  if (!shots) return;
  mkdirSync(shots, {recursive: true});
  await page.screenshot({path: join(shots, name + '.png')});
}

// A painted page has paper and ink; an empty canvas has one colour.
const colours = page => page.evaluate(() => {
  const canvas = document.querySelector('.stage canvas');
  if (!canvas) return 0;
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4 * 37) if (data[i + 3] === 255) seen.add(data[i] >> 4 << 8 | data[i + 1] >> 4 << 4 | data[i + 2] >> 4);
  return seen.size;
});

async function painted(page) {
  for (let i = 0; i < 100; i++) {
    if (await colours(page) > 8) return;
    await page.waitForTimeout(100);
  }
  assert.fail('the image of the page was not painted');
}

const complaints = [];

async function open(address, options) {
  const context = await browser.newContext({reducedMotion: 'reduce', ...options});
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  page.on('pageerror', error => complaints.push(error.message));
  // The browser itself notes answers of 400 and above; a picture of the test injects a style.
  page.on('console', message => {
    if (message.type() === 'error' && !/status of 4\d\d|inline style/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(address);
  return page;
}

async function login(page) {
  await page.fill('#name', account);
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.top');
}

async function find(page, words, field) {
  await page.keyboard.press('Escape');
  await page.fill('#q', words);
  await page.check(`input[name=field][value=${field}]`, {force: true});
  await page.press('#q', 'Enter');
  await page.waitForSelector('.found-list, .start h2');
}

async function clerk(address) {
  const page = await open(address, {viewport: {width: 1440, height: 900}});

  await run('a wrong password is refused in words and the field is ready again', async () => {
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
    await shot(page, 'login');
    await page.fill('#name', account);
    await page.fill('#password', 'wrong password');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.message.error');
    assert.match(await page.textContent('.message'), /账号或密码不对/);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'password');
    assert.equal(await page.inputValue('#password'), '');
  });

  await run('the right password leads to the search field, which has the focus', async () => {
    await login(page);
    await page.waitForSelector('.start');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'q');
    await shot(page, 'start');
  });

  await run('a person is found by name, with the ID number masked', async () => {
    await page.keyboard.type(person.name);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.results');
    const row = await page.textContent('.results tbody');
    assert(row.includes(person.name) && row.includes(person.masked), row);
    assert(!row.includes(person.id));
  });

  await run('a person is found by ID number', async () => {
    await find(page, person.id, 'id');
    await page.waitForFunction(id => document.querySelector('.results')?.textContent.includes(id), person.id);
    assert.equal(await page.locator('.results a.name').count(), 1);
  });

  await run('nothing found is said in words', async () => {
    await find(page, '无此人', 'name');
    await page.waitForFunction(() => document.querySelector('.start h2')?.textContent.includes('无此人'));
    await shot(page, 'nothing-found');
  });

  await run('pages are found by a word of their text, with the word marked', async () => {
    await find(page, word, 'text');
    await page.waitForSelector('.hits mark');
    for (const mark of await page.locator('.hits mark').allTextContents()) assert.equal(mark, word);
    assert(await page.locator('.results a.name').count() >= 2);
    await shot(page, 'results');
  });

  await run('a hit opens the dossier at its page, painted, with the word boxed on the image', async () => {
    const stem = await page.textContent('.hits a .stem');
    await page.click('.hits a');
    await painted(page);
    assert.equal(await page.textContent('.place b'), stem);
    await page.waitForSelector('.mark');
    const [mark, stage] = [await page.locator('.mark').first().boundingBox(), await page.locator('.stage').boundingBox()];
    assert(mark.x >= stage.x && mark.y >= stage.y && mark.x + mark.width <= stage.x + stage.width, 'the box lies outside the image');
    assert.equal(await page.textContent('.text mark'), word);
    await shot(page, 'page-with-hit');
  });

  await run('every thumbnail shows a picture', async () => {
    await page.waitForFunction(() => [...document.querySelectorAll('.strip img')].every(image => image.complete && image.naturalWidth > 50));
    assert(await page.locator('.strip img').count() >= 3);
  });

  await run('the arrow keys turn pages and the address follows', async () => {
    await find(page, person.name, 'name');
    await page.waitForFunction(name => document.querySelector('.results a.name')?.textContent === name, person.name);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await painted(page);
    const first = await page.textContent('.place b');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(stem => document.querySelector('.place b').textContent !== stem, first);
    const second = await page.textContent('.place b');
    assert(page.url().endsWith('/page/' + second), page.url());
    assert.equal(await page.getAttribute('.thumbnail[aria-selected=true]', 'data-stem'), second);
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction(stem => document.querySelector('.place b').textContent === stem, first);
    await shot(page, 'dossier');
  });

  await run('zoom and turn change the picture', async () => {
    await painted(page);
    const before = await page.locator('.stage').screenshot();
    await page.keyboard.press('+');
    await page.waitForTimeout(600);
    const larger = await page.locator('.stage').screenshot();
    assert(!larger.equals(before));
    await page.keyboard.press('0');
    await page.keyboard.press('r');
    await page.waitForTimeout(600);
    assert(!(await page.locator('.stage').screenshot()).equals(larger));
  });

  await run('every master is shown beside its access image, whatever its format', async () => {
    const pages = await page.locator('.thumbnail').count();
    await page.click('input[value=master]', {force: true});
    for (let i = 0; i < pages; i++) {
      await page.locator('.thumbnail').nth(i).click();
      await page.waitForFunction(n => document.querySelectorAll('.thumbnail')[n].getAttribute('aria-selected') === 'true', i);
      await page.waitForFunction(() => document.querySelector('.stage-status').hidden);
      assert.equal(await page.locator('.stage-status .error').count(), 0);
    }
    await shot(page, 'master');
    await page.click('input[value=access]', {force: true});
  });

  await run('help and all details open and close by keyboard', async () => {
    await page.keyboard.press('?');
    assert(await page.locator('dialog .keys').isVisible());
    await shot(page, 'keyboard');
    await page.keyboard.press('Escape');
    await page.click('.person .aside button');
    assert.match(await page.textContent('dialog table'), /移交清单/);
    await shot(page, 'details');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', {state: 'detached'});
    assert(await page.locator('.dossier').isVisible(), 'Escape left more than the sheet');
  });

  await run('the language is switched in place and stays', async () => {
    const stem = await page.textContent('.place b');
    await page.click('.session button[lang=en]');
    await page.waitForFunction(() => document.querySelector('.catalogue h2')?.textContent.includes('Catalogue'));
    await painted(page);
    assert.equal(await page.textContent('.place b'), stem);
    await shot(page, 'english');
    await page.reload();
    await page.waitForSelector('.catalogue');
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    await page.click('.session button[lang=zh-CN]');
    await page.waitForFunction(() => document.querySelector('.catalogue h2')?.textContent.includes('目录'));
  });

  await run('Escape leads back to the results', async () => {
    await find(page, person.name, 'name');
    await page.click('.results a.name');
    await page.waitForSelector('.dossier');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.results');
    assert.equal(await page.inputValue('#q'), person.name);
  });

  await run('a dossier that is not there is said in words', async () => {
    await page.goto(address + '#/dossier/00000000-0000-4000-8000-000000000000');
    await page.waitForSelector('.start .error');
    assert.match(await page.textContent('.start .error'), /没有找到/);
  });

  await run('after logging out the interface answers 401', async () => {
    assert.equal(await page.evaluate(async () => (await fetch('/api/v1/search?q=x')).status), 200);
    await page.click('.session button:last-child');
    await page.waitForSelector('#password');
    assert.equal(await page.evaluate(async () => (await fetch('/api/v1/search?q=x')).status), 401);
    assert.equal(await page.locator('.results, .dossier').count(), 0);
  });
}

async function screens(address) {
  const sizes = {desktop: [1440, 900], laptop: [1024, 768], tablet: [820, 1180], phone: [390, 844], twice: [720, 450]};
  for (const [size, [width, height]] of Object.entries(sizes)) {
    await run(`nothing is cut off at ${width} × ${height}`, async () => {
      for (const colorScheme of ['light', 'dark']) {
        const page = await open(address, {viewport: {width, height}, colorScheme, hasTouch: size === 'tablet' || size === 'phone'});
        const fits = async what => assert(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), what + ' is wider than the screen');
        await login(page);
        await page.fill('#q', word);
        await page.press('#q', 'Enter');
        await page.waitForSelector('.hits a');
        await fits('the list of results');
        await shot(page, `${size}-${colorScheme}-results`);
        await page.click('.hits a');
        await painted(page);
        await page.waitForSelector('.mark');
        await fits('the dossier');
        const stage = await page.locator('.stage').boundingBox();
        assert(stage.height > 250 && stage.width > 250, `the image has ${stage.width} × ${stage.height}`);
        await shot(page, `${size}-${colorScheme}-dossier`);
        await page.context().close();
      }
    });
  }
}

let status = null;
try {
  const address = await serve();
  browser = await chromium.launch({executablePath: browserPath, args: browserOptions});
  await clerk(address);
  await screens(address);
  await run('the browser had nothing to complain of', () => assert.deepEqual(complaints, []));
} catch (error) {
  await run('the reading room can be opened', () => { throw error; });
} finally {
  status = await stop();
}
await run('the service ends with 0 when it is told to', () => assert.equal(status, 0));
console.log(`1..${number}`);
process.exit(failed ? 1 : 0);
