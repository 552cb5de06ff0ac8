// One page on screen: image, zoom, hits.

import * as api from './api.js';
import {h, replace} from './dom.js';
import {t} from './i18n.js';

const LIBRARY = '/vendor/openseadragon/openseadragon.min.js';
let library;

function load() {
  library ??= new Promise((resolve, reject) => {
    document.head.append(h('script', {src: LIBRARY, onload: resolve, onerror: () => { library = undefined; reject(new Error('no viewer')); }}));
  });
  return library;
}

export class Viewer {
  // `dossier`: the id that its pages are opened by.
  constructor(dossier) {
    this.dossier = dossier;
    this.stage = h('div', {class: 'stage', 'aria-label': t('view.image'), role: 'img'});
    this.status = h('div', {class: 'stage-status', role: 'status'});
    this.element = h('div', {class: 'viewer'}, this.stage, this.status);
    this.marks = [];
    this.kind = 'access';
  }

  async start() {
    await load();
    if (this.osd || this.closed) return;
    this.osd = window.OpenSeadragon({
      element: this.stage, drawer: 'canvas', showNavigationControl: false, showNavigator: false,
      gestureSettingsMouse: {clickToZoom: false, dblClickToZoom: true, scrollToZoom: true},
      gestureSettingsTouch: {dblClickToZoom: true, pinchToZoom: true, flickEnabled: true},
      animationTime: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 0.35,
      maxZoomPixelRatio: 4, minZoomImageRatio: 0.6, visibilityRatio: 0.3, zoomPerScroll: 1.25, preserveImageSizeOnResize: true,
      imageSmoothingEnabled: true, crossOriginPolicy: false,
    });
    // Keys belong to the reading room (app.js), whatever has the focus.
    this.osd.addHandler('canvas-key', event => { event.preventDefaultAction = true; });
    this.osd.addHandler('open', () => this.#opened());
    this.osd.addHandler('open-failed', () => this.#again());
    this.osd.addHandler('tile-load-failed', () => this.#again());
  }

  // `marks`: boxes in px of the access image; they are shown on that image only.
  async show(page, kind, marks, keepView = false) {
    this.page = page;
    this.kind = kind;
    this.wanted = marks;
    this.keep = keepView && this.osd?.viewport ? this.osd.viewport.getBounds() : null;
    this.tried = false;
    this.osd?.viewport?.setRotation(0, true);
    this.#tell(t('view.loading'));
    await this.#open(page, kind);
  }

  // The access image comes as tiles; a master is decoded for us, so it comes once and whole.
  async #open(page, kind) {
    let source;
    try {
      await this.start();
      source = kind === 'access' ? await api.tiles(this.dossier, page) : {type: 'image', url: api.image(page.page, kind)};
    } catch {
      return this.#failed();
    }
    if (this.page !== page || this.kind !== kind || this.closed) return;
    this.osd.open(source);
  }

  // What we may fetch has run out, perhaps: once more with a new address, in the same place.
  #again() {
    if (this.tried || this.kind !== 'access') return this.#failed();
    this.tried = true;
    if (this.osd.isOpen()) this.keep = this.osd.viewport.getBounds();
    api.reopen(this.dossier);
    this.#open(this.page, this.kind);
  }

  setMarks(marks) {
    this.wanted = marks;
    if (this.osd?.isOpen()) this.#draw();
  }

  #tell(...content) {
    replace(this.status, ...content);
    this.status.hidden = content.length === 0;
  }

  #opened() {
    this.#tell();
    this.stage.setAttribute('aria-label', t('view.image') + ' ' + this.page.stem);
    if (this.keep) this.osd.viewport.fitBounds(this.keep, true);
    this.#draw();
  }

  #failed() {
    const again = h('button', {type: 'button', onclick: () => this.show(this.page, this.kind, this.wanted)}, t('retry'));
    this.#tell(h('p', {class: 'message error'}, t('view.failed')), again);
  }

  #place(box) {
    const image = this.osd.world.getItemAt(0);
    return image.imageToViewportRectangle(box.x, box.y, box.w, box.h);
  }

  #draw() {
    this.osd.clearOverlays();
    if (this.kind !== 'access') return;
    this.marks = (this.wanted ?? []).map((box, index) => {
      const margin = Math.max(3, Math.min(box.w, box.h) * 0.08);
      const element = h('div', {class: 'mark', 'data-mark': index});
      this.osd.addOverlay({element, location: this.#place({x: box.x - margin, y: box.y - margin, w: box.w + 2 * margin, h: box.h + 2 * margin})});
      return element;
    });
  }

  // Brings a box into view, with what stands around it, and lets it flash.
  point(box) {
    if (!this.osd?.isOpen() || this.kind !== 'access') return;
    const place = this.#place(box), bounds = this.osd.viewport.getBounds();
    const inside = place.x >= bounds.x && place.y >= bounds.y && place.x + place.width <= bounds.x + bounds.width && place.y + place.height <= bounds.y + bounds.height;
    if (!inside) this.osd.viewport.panTo(place.getCenter());
    this.pointer?.remove();
    if (this.pointer) this.osd.removeOverlay(this.pointer);
    this.pointer = h('div', {class: 'pointer'});
    this.osd.addOverlay({element: this.pointer, location: place});
  }

  zoom(factor) {
    if (!this.osd?.viewport) return;
    this.osd.viewport.zoomBy(factor);
    this.osd.viewport.applyConstraints();
  }

  fit() { this.osd?.viewport?.goHome(); }
  turn() {
    const viewport = this.osd?.viewport;
    viewport?.setRotation((viewport.getRotation() + 90) % 360);
  }

  close() {
    this.closed = true;
    this.osd?.destroy();
  }
}
