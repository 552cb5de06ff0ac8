/*
 * The correction desk of the ingest report: click a page, set it right, save. What is set becomes rows of corrections.csv (docs/corrections.md); the next
 * run follows it. The report is a file without a server: nothing is sent anywhere, unsaved work is kept by the browser.
 */
'use strict';
(() => {
    const COLUMNS = ['folder', 'scan', 'page', 'what', 'value', 'by', 'at'];
    const NAMES = { turn: '方向 turn', crop: '裁切 crop', blank: '空白 blank', material: '材料 material', order: '页序 order', replace: '重扫 re-scan' };
    const STORE = 'dangan-corrections:' + location.pathname;
    const $ = (selector, root = document) => root.querySelector(selector);
    const all = (selector, root = document) => [...root.querySelectorAll(selector)];

    /* --- what the report shows: each side once, however many pictures of it there are ---------------------------------- */

    const placeOf = (folder, scan, page) => JSON.stringify([folder, scan, page]);
    const sides = new Map(); // place → { page, dossier, figures }
    const placeIn = new Map(); // figure → place

    for (const section of all('[data-dossier]')) {
        const dossier = { ...JSON.parse(section.dataset.dossier), places: [] };
        for (const figure of all('figure[data-page]', section)) {
            const page = JSON.parse(figure.dataset.page), at = placeOf(dossier.folder, page.place, page.place_frame);
            sides.set(at, { page, dossier, figures: [figure] });
            dossier.places.push(at);
            placeIn.set(figure, at);
        }
    }
    for (const figure of all('figure[data-at]')) {
        const at = placeOf(figure.closest('[data-folder]').dataset.folder, ...JSON.parse(figure.dataset.at));
        sides.get(at)?.figures.push(figure);
        placeIn.set(figure, at);
    }

    /* --- what is in force and what is new ------------------------------------------------------------------------------ */

    const keyOf = (folder, scan, page, what) => JSON.stringify([folder, scan, page, what]);
    const inForce = new Map(); // key → row of a corrections file
    let edits = new Map(); // key → row, or null = taken back
    let saved = ''; // what of them lies in a file that waits for the next run

    for (const { page, dossier } of sides.values())
        for (const c of page.corrections || [])
            inForce.set(keyOf(dossier.folder, page.place, page.place_frame, c.what),
                { folder: dossier.folder, scan: page.place, page: page.place_frame, ...c });

    function load() {
        let kept = [];
        try {
            kept = JSON.parse(localStorage.getItem(STORE) || '[]');
            saved = localStorage.getItem(STORE + ':saved') || '';
        } catch { /* a browser may refuse storage to files */ }
        for (const [key, row] of kept) {
            const now = inForce.get(key);
            if (row ? !now || now.value !== row.value : now) edits.set(key, row);
        }
    }

    function keep() {
        try {
            localStorage.setItem(STORE, JSON.stringify([...edits]));
            localStorage.setItem(STORE + ':saved', saved);
        } catch { /* then it lives as long as the page */ }
        show();
    }

    function set(subject, what, value) {
        const key = keyOf(subject.folder, subject.page.place, subject.page.place_frame, what);
        const now = inForce.get(key);
        const nothing = value === null || value === '';
        if (nothing ? !now : now && now.value === value) edits.delete(key);
        else edits.set(key, nothing ? null : {
            folder: subject.folder, scan: subject.page.place, page: subject.page.place_frame, what, value, by: $('#by').value.trim(),
            at: new Date().toISOString().replace(/\.\d+Z$/, 'Z'), in_batch: true });
        keep();
    }

    function get(subject, what) {
        const key = keyOf(subject.folder, subject.page.place, subject.page.place_frame, what);
        if (edits.has(key)) return edits.get(key)?.value ?? null;
        return inForce.get(key)?.value ?? null;
    }

    /* --- saving --------------------------------------------------------------------------------------------------------- */

    const cell = (text) => (/[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);

    /* Rows of a dossier's own file stay there. */
    function csv() {
        const rows = new Map([...inForce].filter(([, row]) => row.in_batch));
        for (const [key, row] of edits) row ? rows.set(key, row) : rows.delete(key);
        const by = $('#by').value.trim();
        const lines = [...rows.values()].map((row) => COLUMNS.map((c) => cell(String((c === 'by' ? row.by || by : row[c]) ?? ''))).join(','));
        return '\ufeff' + [COLUMNS.join(','), ...lines].join('\r\n') + '\r\n';
    }

    function save() {
        const by = $('#by');
        if (!by.value.trim()) {
            by.focus();
            by.classList.add('wanted');
            return;
        }
        const link = document.createElement('a');
        link.href = URL.createObjectURL(new Blob([csv()], { type: 'text/csv' }));
        link.download = 'corrections.csv';
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
        saved = JSON.stringify([...edits]);
        keep();
    }

    /* --- the bar ---------------------------------------------------------------------------------------------------------- */

    function show() {
        const state = saved === JSON.stringify([...edits]) ? '项已保存，待再次运行 saved, waiting for a run' : '项未保存 not saved';
        $('#edits').textContent = edits.size ? `${edits.size} ${state}` : '没有新的更正 nothing new';
        $('#save').disabled = !edits.size;
        for (const figure of all('figure.edited')) figure.classList.remove('edited');
        for (const key of edits.keys())
            for (const figure of sides.get(placeOf(...JSON.parse(key).slice(0, 3)))?.figures || []) figure.classList.add('edited');
    }

    /* --- a rectangle and its frame turned clockwise ----------------------------------------------------------------------- */

    function turned(frame, box, quarters) {
        let { w, h } = frame, b = { ...box };
        for (let i = 0; i < (quarters + 4) % 4; i++) {
            b = { x: h - b.y - b.h, y: b.x, w: b.h, h: b.w };
            [w, h] = [h, w];
        }
        return { frame: { w, h }, box: b };
    }

    const boxOf = (text) => {
        const n = (text || '').split(',').map(Number);
        return n.length === 4 && n.every(Number.isFinite) ? { x: n[0], y: n[1], w: n[2], h: n[3] } : null;
    };

    /* --- the desk ----------------------------------------------------------------------------------------------------------- */

    const desk = $('#desk');
    let subject = null, drag = null;

    /* How the picture must be turned to look as the page will. */
    const quarters = () => {
        const wanted = Number(get(subject, 'turn') ?? subject.page.measured_turn);
        return (((subject.page.turn - wanted) / 90) % 4 + 4) % 4;
    };

    /* Where the picture lies in the level frame, both as they are shown. */
    function place() {
        const p = subject.page;
        const box = p.crop ? { x: p.crop.x_px, y: p.crop.y_px, w: p.width, h: p.height } : { x: 0, y: 0, w: p.width, h: p.height };
        return turned({ w: p.level_width, h: p.level_height }, box, quarters());
    }

    function draw() {
        const canvas = $('canvas', desk), picture = subject.picture, shown = place().box;
        if (!picture.naturalWidth) return;
        const room = $('.stage', desk).getBoundingClientRect();
        const scale = Math.min(room.width / shown.w, room.height / shown.h, 1);
        canvas.width = Math.max(1, Math.round(shown.w * scale));
        canvas.height = Math.max(1, Math.round(shown.h * scale));
        const pen = canvas.getContext('2d');
        pen.save();
        pen.translate(canvas.width / 2, canvas.height / 2);
        pen.rotate((quarters() * Math.PI) / 2);
        pen.drawImage(picture, (-subject.page.width * scale) / 2, (-subject.page.height * scale) / 2, subject.page.width * scale, subject.page.height * scale);
        pen.restore();
        const box = drag?.box || boxOf(get(subject, 'crop'));
        if (!box) return;
        const [x, y, w, h] = [(box.x - shown.x) * scale, (box.y - shown.y) * scale, box.w * scale, box.h * scale];
        pen.fillStyle = 'rgba(10, 20, 30, .55)';
        pen.beginPath();
        pen.rect(0, 0, canvas.width, canvas.height);
        pen.rect(x, y, w, h);
        pen.fill('evenodd');
        pen.strokeStyle = '#ffb000';
        pen.lineWidth = 2;
        pen.strokeRect(x, y, w, h);
    }

    function fill() {
        const p = subject.page, blank = get(subject, 'blank') ?? (p.measured_blank ? 'yes' : 'no');
        $('.name', desk).textContent = `${p.stem || '—'} · ${p.place}${p.place_frame > 1 ? ' #' + p.place_frame : ''}`;
        $('.full', desk).href = p.access;
        $('#blank').checked = blank === 'yes';
        $('#material').value = get(subject, 'material') ?? '';
        $('#material').options[0].text = '照目录 as dealt' + (p.stem ? ` · ${p.stem.replace(/-\d+$/, '')}` : '');
        $('#order').value = get(subject, 'order') ?? '';
        $('#order').placeholder = p.stem ? String(Number(p.stem.split('-').pop())) : '';
        $('#replace').value = get(subject, 'replace') ?? '';
        const list = $('.made', desk);
        list.replaceChildren();
        for (const what of Object.keys(NAMES)) {
            const value = get(subject, what);
            if (value === null) continue;
            const item = document.createElement('li'), undo = document.createElement('button');
            const now = inForce.get(keyOf(subject.folder, p.place, p.place_frame, what));
            item.textContent = `${NAMES[what]}: ${value}` + (now && now.value === value ? ` · ${now.by} ${now.at.slice(0, 10)}` : '');
            undo.textContent = '✕';
            undo.title = '撤销 take back';
            undo.onclick = () => { set(subject, what, null); fill(); };
            if (now && now.value === value && !now.in_batch) {
                undo.disabled = true;
                undo.title = `${now.file} 第 ${now.row} 行 row ${now.row}`;
            }
            item.append(' ', undo);
            list.append(item);
        }
        draw();
    }

    function open(at) {
        const { page, dossier } = sides.get(at);
        subject = { at, page, dossier, folder: dossier.folder, picture: new Image() };
        const materials = $('#material');
        materials.replaceChildren(new Option('照目录 as dealt', ''));
        for (const m of dossier.materials || []) materials.append(new Option(`${m.code} ${m.title}`, m.code));
        subject.picture.onload = draw;
        subject.picture.src = page.access;
        if (!desk.open) desk.showModal();
        fill();
    }

    function turn(step) {
        const p = subject.page, crop = boxOf(get(subject, 'crop')), before = place();
        const wanted = Number(get(subject, 'turn') ?? p.measured_turn), next = (wanted - 90 * step + 360) % 360;
        set(subject, 'turn', next === p.measured_turn ? null : String(next));
        if (crop) {
            const b = turned(before.frame, crop, step).box;
            set(subject, 'crop', [b.x, b.y, b.w, b.h].join(','));
        }
        fill();
    }

    function next(step) {
        const { places } = subject.dossier, to = places[places.indexOf(subject.at) + step];
        if (to) open(to);
    }

    /* --- cropping ------------------------------------------------------------------------------------------------------------- */

    function pointOf(event) {
        const canvas = $('canvas', desk), area = canvas.getBoundingClientRect(), shown = place().box;
        const clamp = (value, most) => Math.min(Math.max(value, 0), most);
        return { x: Math.round(shown.x + (clamp(event.clientX - area.left, area.width) / area.width) * shown.w),
            y: Math.round(shown.y + (clamp(event.clientY - area.top, area.height) / area.height) * shown.h) };
    }

    function stretch(event) {
        const to = pointOf(event), from = drag.from;
        drag.box = { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), w: Math.abs(to.x - from.x), h: Math.abs(to.y - from.y) };
        draw();
    }

    $('canvas', desk).addEventListener('pointerdown', (event) => {
        drag = { from: pointOf(event), box: null };
        event.target.setPointerCapture(event.pointerId);
    });
    $('canvas', desk).addEventListener('pointermove', (event) => drag && stretch(event));
    $('canvas', desk).addEventListener('pointerup', () => {
        const box = drag?.box;
        drag = null;
        if (box && box.w > 20 && box.h > 20) set(subject, 'crop', [box.x, box.y, box.w, box.h].join(','));
        fill();
    });

    /* --- handlers --------------------------------------------------------------------------------------------------------------- */

    const actions = {
        left: () => turn(-1), right: () => turn(1), previous: () => next(-1), following: () => next(1), close: () => desk.close(),
        uncrop: () => { set(subject, 'crop', 'none'); fill(); },
    };
    for (const button of all('button[data-do]', desk)) button.onclick = actions[button.dataset.do];
    $('#blank').onchange = (e) => { set(subject, 'blank', e.target.checked === subject.page.measured_blank ? null : e.target.checked ? 'yes' : 'no'); fill(); };
    for (const what of ['material', 'order', 'replace'])
        $('#' + what).onchange = (e) => { set(subject, what, e.target.value.trim() || null); fill(); };
    desk.addEventListener('keydown', (event) => {
        const key = { '[': 'left', ']': 'right', ArrowLeft: 'previous', ArrowRight: 'following' }[event.key];
        if (key && !event.target.matches('input, select')) actions[key]();
    });
    document.addEventListener('click', (event) => {
        const at = placeIn.get(event.target.closest('figure'));
        if (!sides.has(at) || event.ctrlKey || event.metaKey || event.shiftKey) return; // with a key the link opens the picture, as links do
        event.preventDefault();
        open(at);
    });
    $('#save').onclick = save;
    $('#by').value = (() => { try { return localStorage.getItem('dangan-by') || ''; } catch { return ''; } })();
    $('#by').oninput = (e) => {
        e.target.classList.remove('wanted');
        try { localStorage.setItem('dangan-by', e.target.value); } catch { /* not kept */ }
    };
    window.addEventListener('resize', () => desk.open && draw());
    for (const chip of all('.chips button'))
        chip.onclick = () => {
            const on = chip.getAttribute('aria-pressed') !== 'true';
            for (const other of all('.chips button')) other.setAttribute('aria-pressed', String(other === chip && on));
            for (const finding of all('.finding')) finding.hidden = on && finding.dataset.rule !== chip.dataset.rule;
            for (const group of all('.page-findings, .person')) {
                group.hidden = on && !$('.finding:not([hidden])', group);
                if (on && group.matches('details') && !group.hidden) group.open = true;
            }
        };
    document.body.classList.add('scripted');
    load();
    show();
})();
