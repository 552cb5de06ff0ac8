// The reading room: session, addresses, keys.

import * as api from './api.js';
import {DossierView} from './dossier.js';
import {h, replace} from './dom.js';
import {failure, otherLanguage, restoreLanguage, t, useLanguage} from './i18n.js';
import {showLogin} from './login.js';
import {searchForm, showResults, showStart} from './search.js';

const root = document.getElementById('app');
let session = null;
let page = null; // {main, form} while somebody is logged in
let view = null; // the open dossier
let shown = 0;   // counts what is shown, so that a late answer does not replace a later one
let results = '#/';

/* --- addresses -------------------------------------------------------------------------------------------------------- */

function parse() {
  const [path, query = ''] = location.hash.slice(1).split('?');
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const parameters = new URLSearchParams(query);
  return {parts, q: parameters.get('q') ?? '', field: parameters.get('field') ?? 'any'};
}

// The page changes before this returns: what is typed next goes into the new one. `hashchange` is for links and for the browser's own arrows.
function visit(hash, replaceIt) {
  if (replaceIt) history.replaceState(null, '', hash);
  else if (location.hash !== hash) history.pushState(null, '', hash);
  route();
}

function leaveDossier() {
  view?.close();
  view = null;
}

function openDossier(id, stem, q) {
  if (view?.id === id) return view.update(stem, q);
  leaveDossier();
  view = new DossierView(page.main, id, {navigate: hash => visit(hash, true), back: () => visit(results)});
  return view.open(stem, q);
}

function route() {
  if (!page) return;
  const {parts, q, field} = parse();
  const mine = ++shown;
  document.body.classList.toggle('reading', parts[0] === 'dossier');
  document.querySelector('dialog')?.close();
  if (parts[0] === 'dossier' && parts[1]) {
    page.form.set(results === '#/' ? '' : page.asked?.q, page.asked?.field);
    return openDossier(parts[1], parts[2] === 'page' ? parts[3] : null, q);
  }
  leaveDossier();
  results = parts[0] === 'search' && q ? location.hash : '#/';
  page.asked = {q, field};
  page.form.set(q, field);
  if (results !== '#/') return showResults(page.main, q, field, () => mine === shown);
  showStart(page.main);
  page.form.focus();
}

/* --- frame ------------------------------------------------------------------------------------------------------------- */

const languageSwitch = () => h('button', {type: 'button', class: 'plain', lang: otherLanguage() === 'en' ? 'en' : 'zh-CN',
  onclick: () => changeLanguage()}, t('language.other'));

async function changeLanguage() {
  await useLanguage(otherLanguage());
  leaveDossier();
  render();
}

async function logout() {
  await api.logout().catch(() => {});
  end('login.out');
  history.replaceState(null, '', '#/');
}

function end(notice) {
  leaveDossier();
  session = null;
  page = null;
  results = '#/';
  shown++;
  document.body.classList.remove('reading');
  document.querySelector('dialog')?.close();
  render(notice);
}

function render(notice) {
  if (!session) {
    page = null;
    return showLogin(root, {notice, languageSwitch, onLogin: begun => { session = begun; render(); }});
  }
  const form = searchForm((q, field) => visit('#/search?' + new URLSearchParams({q, field})));
  const main = h('main', {id: 'main', tabindex: '-1'});
  page = {form, main, asked: page?.asked};
  replace(root, h('header', {class: 'top'},
    h('a', {class: 'mark-word', href: '#/'}, t('title')), form.element,
    h('div', {class: 'session'}, h('span', {class: 'account', title: t('account', {name: session.account})}, session.account),
      languageSwitch(), h('button', {type: 'button', class: 'plain', onclick: help, title: '?'}, t('help')),
      h('button', {type: 'button', class: 'plain', onclick: logout}, t('logout')))), main);
  route();
}

/* --- keys --------------------------------------------------------------------------------------------------------------- */

const KEYS = [['/', 'search'], ['← →', 'pages'], ['+ − 0', 'zoom'], ['R', 'turn'], ['T', 'text'], ['M', 'master'], ['N P', 'hit'], ['↑ ↓', 'rows'],
  ['Esc', 'back'], ['?', 'this']];

function help() {
  const box = h('dialog', {class: 'sheet', 'aria-label': t('help.title')},
    h('header', {}, h('h2', {}, t('help.title')), h('button', {type: 'button', onclick: () => box.close()}, t('close'))),
    h('dl', {class: 'keys'}, KEYS.map(([keys, what]) => h('div', {}, h('dt', {}, keys.split(' ').map(key => h('kbd', {}, key))), h('dd', {}, t('help.' + what))))));
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
}

const readingKeys = {
  ArrowLeft: () => view.step(-1), PageUp: () => view.step(-1), ArrowRight: () => view.step(1), PageDown: () => view.step(1),
  '+': () => view.viewer.zoom(1.4), '=': () => view.viewer.zoom(1.4), '-': () => view.viewer.zoom(1 / 1.4), 0: () => view.viewer.fit(),
  r: () => view.viewer.turn(), t: () => view.toggleText(), m: () => view.toggleMaster(), n: () => view.stepHit(1), p: () => view.stepHit(-1),
};

function onKey(event) {
  if (!page || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog')) return;
  const typing = event.target.matches('input[type=search], input[type=text]');
  if (event.key === 'Escape') {
    if (typing && view) event.target.blur();
    else if (view) visit(results);
    return;
  }
  if (typing) {
    if (event.key === 'ArrowDown') document.querySelector('.results a.name')?.focus();
    return;
  }
  const action = {'/': () => page.form.focus(), '?': help}[event.key] ?? (view?.viewer && readingKeys[event.key.length === 1 ? event.key.toLowerCase() : event.key]);
  if (!action) return;
  event.preventDefault();
  action();
}

/* --- start ---------------------------------------------------------------------------------------------------------------- */

async function start() {
  await restoreLanguage();
  api.onSessionLost(() => { if (session) end('login.lost'); });
  addEventListener('hashchange', route);
  addEventListener('keydown', onKey);
  try {
    session = await api.session();
  } catch (error) {
    if (error.code !== 'no_session') {
      replace(root, h('p', {class: 'state'}, failure(error), ' ', h('button', {type: 'button', onclick: () => location.reload()}, t('retry'))));
      return;
    }
  }
  render();
}

start();
