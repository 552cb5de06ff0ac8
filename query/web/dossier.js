// One dossier: the person on top, the catalogue at the left, the page in the middle, its text at the right, all pages below.

import * as api from './api.js';
import {h, replace, tool} from './dom.js';
import {date, failure, t} from './i18n.js';
import * as match from './match.js';
import {showPerson} from './person.js';
import {Viewer} from './viewer.js';

const TEXT_KEY = 'dangan.text';
const wide = matchMedia('(min-width: 70rem)');

// Where the reader stands lives in the address; `open` changes it.
const address = (id, stem, q) => '#/dossier/' + id + (stem ? '/page/' + stem : '') + (q ? '?q=' + encodeURIComponent(q) : '');

export class DossierView {
  constructor(main, id, {navigate, back}) {
    Object.assign(this, {main, id, navigate, back});
    this.pages = [];
    this.hits = [];
    this.kind = 'access';
    this.at = 0;
    this.textShown = wide.matches && localStorage.getItem(TEXT_KEY) !== 'off';
  }

  async open(stem, q) {
    replace(this.main, h('p', {class: 'state', role: 'status'}, t('dossier.loading')));
    try {
      const [data, hits] = await Promise.all([api.dossier(this.id), q ? api.hits(this.id, q) : {hits: []}]);
      if (this.closed) return;
      this.data = data;
      this.#take(q, hits.hits);
    } catch (error) {
      if (!this.closed) this.#fail(error, () => this.open(stem, q));
      return;
    }
    this.pages = this.data.classes.flatMap(group => group.materials.flatMap(material => material.pages.map(page => ({...page, material}))));
    this.#build();
    this.#go(stem, true);
  }

  // The address changed inside the same dossier.
  async update(stem, q) {
    if (!this.data) return this.open(stem, q);
    if ((q ?? '') !== (this.q ?? '')) {
      const found = q ? await api.hits(this.id, q).catch(() => ({hits: []})) : {hits: []};
      if (this.closed) return;
      this.#take(q, found.hits);
      this.#markPages();
      this.#hitBar();
    }
    this.#go(stem, false);
  }

  close() {
    this.closed = true;
    this.viewer?.close();
  }

  #take(q, hits) {
    this.q = q || null;
    this.hits = hits;
    this.hitStems = new Set(hits.map(hit => hit.stem));
    this.terms = q ? match.terms(q) : [];
  }

  #fail(error, again) {
    replace(this.main, h('section', {class: 'start'}, h('p', {class: 'message error', role: 'alert'}, failure(error)),
      h('p', {}, h('button', {type: 'button', onclick: again}, t('retry')), ' ', h('button', {type: 'button', onclick: this.back}, t('back')))));
  }

  /* --- what stands on screen ------------------------------------------------------------------------------------ */

  #build() {
    const name = this.data.fields.find(field => field.field === 'name')?.value ?? t('person.unnamed');
    document.title = name + ' · ' + t('title');
    this.viewer = new Viewer(this.data.dossier);
    this.catalogue = h('nav', {class: 'catalogue', 'aria-label': t('dossier.catalogue')}, this.#catalogue());
    this.text = h('aside', {class: 'text', 'aria-label': t('text.title'), tabindex: '-1'});
    this.strip = h('div', {class: 'strip', role: 'listbox', 'aria-label': t('page.thumbnails')}, this.pages.map((page, index) => this.#thumbnail(page, index)));
    this.frame = h('section', {class: 'dossier'},
      showPerson(this.data, this.back), this.catalogue,
      h('div', {class: 'desk'}, this.#bar(), this.viewer.element), this.text, this.strip);
    this.frame.classList.toggle('with-text', this.textShown);
    replace(this.main, this.frame);
    this.#hitBar();
  }

  #catalogue() {
    const materials = this.data.classes.reduce((n, group) => n + group.materials.length, 0);
    const head = h('h2', {}, t('dossier.catalogue'), h('small', {}, t('dossier.total', {materials, pages: this.pages.length})));
    if (!materials) return [head, h('p', {class: 'quiet'}, t('dossier.empty'))];
    return [head, this.data.draft && h('p', {class: 'quiet'}, t('dossier.draft')), this.data.classes.map(group => [
      h('h3', {}, h('span', {class: 'code'}, group.printed), group.name ?? ''),
      h('ol', {}, group.materials.map(material => this.#material(material)))])];
  }

  #material(material) {
    const first = material.pages[0];
    const body = [h('span', {class: 'sequence'}, material.sequence),
      h('span', {class: 'title'}, material.title ?? '', h('small', {}, date(material.formed))),
      h('span', {class: 'pages', title: material.pages_claimed ? t('material.claimed', {n: material.pages_claimed}) : null},
        first ? t('material.pages', {n: material.pages.length}) : t('dossier.noPages'))];
    const note = material.note ? t('material.note', {note: material.note}) : null;
    if (!first) return h('li', {}, h('span', {class: 'entry quiet', title: note}, body));
    return h('li', {}, h('a', {class: 'entry', 'data-material': material.number, href: address(this.id, first.stem, this.q), title: note,
      onclick: event => { event.preventDefault(); this.#closeDrawers(); this.#visit(this.pages.findIndex(page => page.stem === first.stem)); }}, body));
  }

  #thumbnail(page, index) {
    const first = index === 0 || this.pages[index - 1].material.number !== page.material.number;
    const picture = h('img', {src: api.image(page.page, 'thumbnail'), alt: '', loading: 'lazy', decoding: 'async'});
    // The service decodes a few pictures at a time and asks the others to come again.
    picture.addEventListener('error', () => {
      const tries = Number(picture.dataset.tries ?? 0) + 1;
      picture.dataset.tries = tries;
      if (tries <= 4) setTimeout(() => { picture.src = api.image(page.page, 'thumbnail') + '?' + tries; }, 1500 * tries);
    });
    return h('button', {type: 'button', role: 'option', class: first ? 'thumbnail first' : 'thumbnail', 'data-stem': page.stem, tabindex: '-1',
      title: `${page.stem} ${page.material.title ?? ''}`, 'aria-label': t('page.side', {n: index + 1}) + (page.blank ? ' ' + t('page.blank') : ''),
      onclick: () => this.#visit(index)},
      picture, h('span', {}, page.blank ? t('page.blank') : page.stem));
  }

  #bar() {
    this.place = h('span', {class: 'place', 'aria-live': 'polite'});
    this.hitPlace = h('div', {class: 'hit-bar'});
    this.toPrevious = tool('previous', t('page.previous'), () => this.step(-1));
    this.toNext = tool('next', t('page.next'), () => this.step(1));
    this.kinds = ['access', 'master'].map(kind => h('label', {class: 'segment'},
      h('input', {type: 'radio', name: 'kind', value: kind, checked: kind === this.kind, onchange: () => this.#setKind(kind)}),
      h('span', {}, t('view.' + kind))));
    this.textButton = tool('text', t('view.text'), () => this.toggleText(), {'aria-pressed': String(this.textShown)});
    return h('div', {class: 'bar', role: 'toolbar'},
      tool('list', t('dossier.catalogue'), () => this.#drawer('with-catalogue'), {class: 'tool drawer'}),
      h('div', {class: 'group'}, this.toPrevious, this.place, this.toNext),
      this.hitPlace, h('div', {class: 'space'}),
      h('div', {class: 'segments', role: 'radiogroup', 'aria-label': t('view.which')}, this.kinds),
      h('div', {class: 'group'}, h('div', {class: 'group zoom'}, tool('minus', t('view.out'), () => this.viewer.zoom(1 / 1.4)),
        tool('plus', t('view.in'), () => this.viewer.zoom(1.4)), tool('fit', t('view.fit'), () => this.viewer.fit())),
        tool('turn', t('view.turn'), () => this.viewer.turn())),
      this.textButton);
  }

  #drawer(name) {
    this.frame.classList.toggle(name);
  }

  #closeDrawers() {
    this.frame.classList.remove('with-catalogue');
  }

  /* --- turning pages ---------------------------------------------------------------------------------------------- */

  // Turning pages is no step of the browser's history: Back leads to the results.
  #visit(index) {
    if (index < 0 || index >= this.pages.length) return;
    this.navigate(address(this.id, this.pages[index].stem, this.q));
  }

  step(by) { this.#visit(this.at + by); }

  #start() {
    const first = this.hits.length ? this.pages.findIndex(page => page.stem === this.hits[0].stem) : 0;
    return Math.max(0, first);
  }

  #go(stem, fresh) {
    if (!this.pages.length) {
      replace(this.place, t('dossier.noPages'));
      this.toPrevious.disabled = this.toNext.disabled = true;
      return;
    }
    const wanted = stem ? this.pages.findIndex(page => page.stem === stem) : this.#start();
    this.#note(stem && wanted < 0 ? t('page.missing', {stem}) : null);
    const index = wanted < 0 ? 0 : wanted;
    if (!fresh && index === this.at && this.shownPage === this.pages[index]) return this.#showText();
    this.at = index;
    this.#show();
  }

  #note(words) {
    this.frame.querySelector('.note')?.remove();
    if (words) this.frame.querySelector('.desk').prepend(h('p', {class: 'note', role: 'status'}, words));
  }

  get page() { return this.pages[this.at]; }

  #show() {
    const page = this.page;
    this.shownPage = page;
    this.pointAt = null;
    replace(this.place, h('b', {}, page.stem), ' ', t('page.of', {n: this.at + 1, total: this.pages.length}), page.blank ? ` · ${t('page.blank')}` : '');
    this.toPrevious.disabled = this.at === 0;
    this.toNext.disabled = this.at === this.pages.length - 1;
    this.#markPages();
    this.#hitBar();
    const kind = page.access ? this.kind : 'master';
    this.kinds[0].querySelector('input').disabled = !page.access;
    if (!page.access) this.#note(t('view.noAccess'));
    this.viewer.show(page, kind, []);
    this.#showText();
    for (const near of [this.pages[this.at + 1], this.pages[this.at - 1]])
      if (near?.access) api.overview(this.data.dossier, near).then(address => { new Image().src = address; }, () => {});
  }

  #markPages() {
    for (const thumbnail of this.strip.children) {
      const current = thumbnail.dataset.stem === this.page?.stem;
      thumbnail.classList.toggle('hit', this.hitStems.has(thumbnail.dataset.stem));
      thumbnail.setAttribute('aria-selected', String(current));
      thumbnail.tabIndex = current ? 0 : -1;
      if (current) this.#reveal(this.strip, thumbnail);
    }
    for (const entry of this.catalogue.querySelectorAll('a.entry')) {
      const current = Number(entry.dataset.material) === this.page?.material.number;
      const material = this.pages.filter(page => page.material.number === Number(entry.dataset.material));
      entry.classList.toggle('hit', material.some(page => this.hitStems.has(page.stem)));
      entry.toggleAttribute('aria-current', current);
      if (current) this.#reveal(this.catalogue, entry);
    }
  }

  // scrollIntoView would move the whole window on a small screen.
  #reveal(box, element) {
    const outer = box.getBoundingClientRect(), inner = element.getBoundingClientRect();
    box.scrollLeft += Math.min(0, inner.left - outer.left - 80) + Math.max(0, inner.right - outer.right + 80);
    box.scrollTop += Math.min(0, inner.top - outer.top - 60) + Math.max(0, inner.bottom - outer.bottom + 40);
  }

  #setKind(kind) {
    this.kind = kind;
    this.viewer.show(this.page, kind, []);
    this.#showText();
    this.#hitBar();
  }

  toggleMaster() {
    const other = this.kind === 'access' ? 'master' : 'access';
    const input = this.kinds[other === 'access' ? 0 : 1].querySelector('input');
    if (input.disabled) return;
    input.checked = true;
    this.#setKind(other);
  }

  /* --- hits ----------------------------------------------------------------------------------------------------------- */

  #hitBar() {
    if (!this.q) return replace(this.hitPlace);
    if (!this.hits.length) return replace(this.hitPlace, h('span', {class: 'quiet'}, t('hits.none', {q: this.q})));
    const index = this.hits.findIndex(hit => hit.stem === this.page?.stem);
    replace(this.hitPlace, tool('previous', t('hits.previous'), () => this.stepHit(-1)),
      h('span', {class: 'hit-count', title: this.kind === 'master' ? t('hits.onMaster') : null}, h('mark', {}, this.q), ' ',
        t('hits.count', {n: index < 0 ? '–' : index + 1, total: this.hits.length})),
      tool('next', t('hits.next'), () => this.stepHit(1)),
      tool('close', t('hits.clear'), () => this.navigate(address(this.id, this.page?.stem))));
  }

  stepHit(by) {
    if (!this.hits.length) return;
    const places = this.hits.map(hit => this.pages.findIndex(page => page.stem === hit.stem));
    const next = by > 0 ? places.find(place => place > this.at) : places.findLast(place => place < this.at);
    this.#visit(next ?? (by > 0 ? places[0] : places.at(-1)));
  }

  /* --- text -------------------------------------------------------------------------------------------------------- */

  toggleText() {
    this.textShown = !this.textShown;
    if (wide.matches) localStorage.setItem(TEXT_KEY, this.textShown ? 'on' : 'off');
    this.textButton.setAttribute('aria-pressed', String(this.textShown));
    this.frame.classList.toggle('with-text', this.textShown);
  }

  async #showText() {
    const page = this.page;
    const head = h('header', {}, h('h2', {}, t('text.title')), tool('close', t('close'), () => this.toggleText(), {class: 'tool drawer'}));
    if (!page.text) return replace(this.text, head, h('p', {class: 'quiet'}, t(page.blank ? 'text.blank' : 'text.none')));
    if (this.textOf !== page) replace(this.text, head, h('p', {class: 'quiet'}, t('loading')));
    try {
      page.read ??= await api.pageText(page.page);
    } catch (error) {
      if (this.page === page && !this.closed) replace(this.text, head, h('p', {class: 'message error'}, failure(error)), h('button', {type: 'button', onclick: () => this.#showText()}, t('retry')));
      return;
    }
    if (this.page !== page || this.closed) return;
    this.textOf = page;
    const {lines, engine} = page.read;
    if (!lines.length) return replace(this.text, head, h('p', {class: 'quiet'}, t(page.blank ? 'text.blank' : 'text.none')));
    replace(this.text, head, h('ol', {class: 'lines'}, lines.map(line => this.#line(line))),
      h('p', {class: 'quiet foot'}, t('text.note'), h('br'), engine));
    this.#markHits(lines);
  }

  #line(line) {
    const ranges = match.ranges(line.text, this.terms), characters = Array.from(line.text), parts = [];
    let from = 0;
    for (const [start, end] of ranges) {
      if (start < from) continue;
      parts.push(characters.slice(from, start).join(''), h('mark', {}, characters.slice(start, end).join('')));
      from = end;
    }
    parts.push(characters.slice(from).join(''));
    return h('li', {}, h('button', {type: 'button', title: t('text.find'), class: line.confidence !== null && line.confidence < 0.6 ? 'doubtful' : null,
      onclick: () => this.viewer.point(match.lineBox(line))}, parts));
  }

  #markHits(lines) {
    const boxes = this.terms.length ? lines.flatMap(line => match.boxes(line, this.terms)) : [];
    this.viewer.setMarks(boxes);
    this.text.querySelector('mark')?.closest('li').scrollIntoView({block: 'nearest'});
  }
}
