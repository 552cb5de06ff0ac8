// The search field and its results.

import * as api from './api.js';
import {h, icon, marked, put, replace} from './dom.js';
import {date, failure, t} from './i18n.js';

const FIELDS = ['any', 'name', 'id', 'employer', 'text'];
const STEP = 50;

export function searchForm(go) {
  const input = h('input', {type: 'search', id: 'q', name: 'q', 'aria-label': t('search.label'), placeholder: t('search.placeholder'),
    autocomplete: 'off', spellcheck: 'false', maxlength: '100', enterkeyhint: 'search'});
  const fields = FIELDS.map(field => h('label', {class: 'segment'},
    h('input', {type: 'radio', name: 'field', value: field, checked: field === 'any',
      onchange: () => input.value.trim() && submit()}),
    h('span', {}, t('field.' + field))));
  const form = h('form', {class: 'search', role: 'search', onsubmit: event => { event.preventDefault(); submit(); }},
    h('div', {class: 'field'}, icon('search'), input, h('kbd', {'aria-hidden': 'true'}, '/')),
    h('div', {class: 'segments', role: 'radiogroup', 'aria-label': t('search.field')}, fields),
    h('button', {type: 'submit', class: 'primary'}, t('search.do')));

  function submit() {
    const q = input.value.trim();
    if (q) go(q, form.elements.field.value);
    else input.focus();
  }

  return {
    element: form,
    focus: () => { input.focus(); input.select(); },
    set: (q, field) => {
      input.value = q ?? '';
      form.elements.field.value = FIELDS.includes(field) ? field : 'any';
    },
  };
}

export function showStart(main) {
  replace(main, h('section', {class: 'start'},
    h('h2', {}, t('search.start')),
    h('ul', {}, FIELDS.slice(1).map(field => {
      const [label, ...rest] = t('search.start.' + field).split(/[：:]/);
      return h('li', {}, h('b', {}, label), h('span', {}, rest.join(':').trim()));
    }))));
  document.title = t('title');
}

const dossierLink = (id, q) => '#/dossier/' + id + (q ? '?q=' + encodeURIComponent(q) : '');
const pageLink = (id, stem, q) => '#/dossier/' + id + '/page/' + stem + '?q=' + encodeURIComponent(q);

function hitList(result, q) {
  if (!result.hits.length) return null;
  const rest = result.hit_pages - result.hits.length;
  return h('ul', {class: 'hits'},
    result.hits.map(hit => h('li', {},
      h('a', {href: pageLink(result.dossier, hit.stem, q)},
        h('span', {class: 'stem'}, hit.stem), h('span', {class: 'material'}, hit.material ?? ''),
        h('span', {class: 'snippet'}, marked(hit.snippet, hit.match_start, hit.match_length))))),
    rest > 0 && h('li', {}, h('a', {class: 'rest', href: dossierLink(result.dossier, q)}, t('result.moreHits', {n: result.hit_pages}))));
}

function cell(key, content, properties = {}) {
  return h('td', {'data-label': t('result.' + key), ...properties}, content ?? '');
}

function row(result, q) {
  const word = result.hits.length ? q : null;
  const link = h('a', {class: 'name', href: dossierLink(result.dossier, word)}, result.name ?? t('person.unnamed'));
  const open = event => { if (!event.target.closest('a') && !String(getSelection())) link.click(); };
  return h('tbody', {onclick: open},
    h('tr', {class: 'result'},
      cell('name', link), cell('sex', result.sex), cell('birth', date(result.birth), {class: 'number'}),
      cell('id', result.id_number, {class: 'number'}), cell('employer', result.employer),
      cell('number', result.archival_number, {class: 'number'}),
      cell('size', `${result.materials} / ${result.pages}`, {class: 'number'})),
    result.hits.length > 0 && h('tr', {class: 'found'}, h('td', {colspan: '7'}, hitList(result, q))));
}

// Where to ask for somebody of this name or number who is not ours.
function elsewhere(found) {
  return found.elsewhere.length > 0 && h('p', {class: 'message elsewhere'}, t('search.elsewhere', {districts: found.elsewhere.join(t('list.comma'))}));
}

function nothing(q, field, found) {
  return h('section', {class: 'start'}, h('h2', {}, t('search.none', {q})), elsewhere(found),
    field === 'any' ? h('p', {}, t('search.none.any'))
      : h('p', {}, t('search.none.field', {field: t('field.' + field)}), ' ',
        h('a', {href: '#/search?' + new URLSearchParams({q, field: 'any'})}, t('search.everywhere'))));
}

// Up and down between the names; the first arrow down leaves the field.
function arrows(event) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const names = [...event.currentTarget.querySelectorAll('a.name')];
  const at = names.indexOf(document.activeElement.closest('tbody')?.querySelector('a.name'));
  const next = names[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (next) {
    next.focus();
    event.preventDefault();
  }
}

const COLUMNS = ['name', 'sex', 'birth', 'id', 'employer', 'number', 'size'];

function resultTable(first, q, field, still) {
  const table = h('table', {class: 'results'},
    h('thead', {}, h('tr', {}, COLUMNS.map(column => h('th', {scope: 'col'}, t('result.' + column))))));
  const count = h('p', {class: 'count', role: 'status'});
  const foot = h('div', {class: 'more'});
  let shown = 0;

  function add(found) {
    put(table, found.results.map(result => row(result, q)));
    shown += found.results.length;
    count.textContent = t(found.more ? 'search.foundMore' : 'search.found', {n: shown}) + (found.capped ? ' · ' + t('search.capped') : '');
    replace(foot, found.more && h('button', {type: 'button', onclick: more}, t('search.more')));
  }

  async function more(event) {
    event.currentTarget.disabled = true;
    try {
      const found = await api.search({q, field, limit: STEP, offset: shown});
      if (still()) add(found);
    } catch (error) {
      if (still()) replace(foot, h('p', {class: 'message error', role: 'alert'}, failure(error)), h('button', {type: 'button', onclick: more}, t('retry')));
    }
  }

  add(first);
  return h('section', {class: 'found-list', onkeydown: arrows}, count, table, foot);
}

export async function showResults(main, q, field, still) {
  document.title = q + ' · ' + t('title');
  replace(main, h('p', {class: 'state', role: 'status'}, t('search.doing')));
  try {
    const found = await api.search({q, field, limit: STEP});
    if (still()) replace(main, found.results.length ? [elsewhere(found), resultTable(found, q, field, still)] : nothing(q, field, found));
  } catch (error) {
    if (!still()) return;
    const again = h('button', {type: 'button', onclick: () => showResults(main, q, field, still)}, t('retry'));
    replace(main, h('section', {class: 'start'}, h('p', {class: 'message error', role: 'alert'}, failure(error)), again));
  }
}
