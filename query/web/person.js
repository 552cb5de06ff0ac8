// The person of a dossier: a band of the facts that a counter needs, and all of them in a dialog.

import {h, icon} from './dom.js';
import {date, has, t} from './i18n.js';

const BAND = ['id-number', 'birth', 'employer', 'work-start', 'retirement', 'retirement-kind', 'political-status', 'vital-status', 'death',
  'archival-number', 'retention', 'box', 'shelf'];
const DATES = new Set(['birth', 'work-start', 'retirement', 'death']);

const label = field => (has('person.' + field) ? t('person.' + field) : field);
const shown = field => (DATES.has(field.field) ? date(field.value) : field.value);

function origin(field) {
  const name = t('origin.' + field.origin), row = /^row (\d+)$/.exec(field.source ?? '');
  if (row) return t('origin.row', {origin: name, n: row[1]});
  if (field.source && has('origin.' + field.source)) return t('origin.' + field.source);
  return name + (field.source && field.origin === 'ocr' ? ' ' + field.source.split('#')[0] : '');
}

function dialog(data) {
  const box = h('dialog', {class: 'sheet', 'aria-label': t('person.title')},
    h('header', {}, h('h2', {}, t('person.title')), h('button', {type: 'button', onclick: () => box.close()}, t('close'))),
    h('table', {}, h('thead', {}, h('tr', {}, ['field', 'value', 'origin'].map(column => h('th', {scope: 'col'}, t('person.' + column))))),
      h('tbody', {}, data.fields.map(field => h('tr', {}, h('th', {scope: 'row'}, label(field.field)), h('td', {}, shown(field)), h('td', {class: 'quiet'}, origin(field)))))));
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
}

export function showPerson(data, back) {
  const values = Object.fromEntries(data.fields.map(field => [field.field, field]));
  const facts = BAND.filter(name => values[name]).map(name => h('div', {class: 'fact ' + name}, h('dt', {}, label(name)), h('dd', {}, shown(values[name]))));
  return h('header', {class: 'person'},
    h('button', {type: 'button', class: 'tool', title: t('help.back'), 'aria-label': t('help.back'), onclick: back}, icon('back')),
    h('div', {class: 'who'}, h('h1', {}, values.name?.value ?? t('person.unnamed')),
      h('p', {}, [values.sex?.value, values.ethnicity?.value].filter(Boolean).join(' · '))),
    h('dl', {}, facts),
    h('div', {class: 'aside'}, h('button', {type: 'button', onclick: () => dialog(data)}, t('person.all')),
      h('small', {}, t('dossier.version', {n: data.version, date: date(data.deposited.slice(0, 10))}))));
}
