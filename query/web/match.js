// Where words stand in the recognized text of a page, folded as the search folds them.

const isWord = character => character !== undefined && /[\p{L}\p{N}]/u.test(character) && !/\p{Script=Han}/u.test(character);
const fold = text => text.normalize('NFKC').toLowerCase();

export const terms = words => fold(words).split(/\s+/u).filter(Boolean);

// The text folded character by character; `origin` names for each folded character the one it came from.
function folded(text) {
  const characters = [], origin = [];
  Array.from(text).forEach((character, index) => {
    for (const small of fold(character)) {
      characters.push(small);
      origin.push(index);
    }
  });
  return {characters, origin};
}

function standsAlone(characters, at, term) {
  const cutsBegin = isWord(term[0]) && isWord(characters[at - 1]);
  const cutsEnd = isWord(term.at(-1)) && isWord(characters[at + term.length]);
  return !cutsBegin && !cutsEnd;
}

// Ranges [start, end) of characters of `text`.
export function ranges(text, words) {
  const {characters, origin} = folded(text);
  const found = [];
  for (const word of words) {
    const term = Array.from(word);
    for (let at = 0; at + term.length <= characters.length; at++)
      if (term.every((character, i) => characters[at + i] === character) && standsAlone(characters, at, term))
        found.push([origin[at], origin[at + term.length - 1] + 1]);
  }
  return found.sort((a, b) => a[0] - b[0]);
}

// The characters of each word in the line, and its box; without words the line itself is one.
function pieces(line) {
  const xs = line.quad.map(point => point[0]), ys = line.quad.map(point => point[1]);
  const whole = {text: line.text, x: Math.min(...xs), y: Math.min(...ys), w: Math.max(...xs) - Math.min(...xs), h: Math.max(...ys) - Math.min(...ys)};
  if (!line.words?.length) return [{...whole, start: 0, length: Array.from(line.text).length}];
  const found = [];
  let from = 0;
  for (const word of line.words) {
    const at = line.text.indexOf(word.text, from);
    if (at < 0) continue;
    from = at + word.text.length;
    found.push({x: word.x_px, y: word.y_px, w: word.w_px, h: word.h_px,
      start: Array.from(line.text.slice(0, at)).length, length: Array.from(word.text).length});
  }
  return found;
}

// The part of a piece between two characters: along its longer run, each character as wide as the next.
function part(piece, start, end, vertical) {
  const from = (Math.max(start, piece.start) - piece.start) / piece.length;
  const to = (Math.min(end, piece.start + piece.length) - piece.start) / piece.length;
  return vertical ? {x: piece.x, y: piece.y + from * piece.h, w: piece.w, h: (to - from) * piece.h}
    : {x: piece.x + from * piece.w, y: piece.y, w: (to - from) * piece.w, h: piece.h};
}

function union(boxes) {
  const x = Math.min(...boxes.map(box => box.x)), y = Math.min(...boxes.map(box => box.y));
  return {x, y, w: Math.max(...boxes.map(box => box.x + box.w)) - x, h: Math.max(...boxes.map(box => box.y + box.h)) - y};
}

export function lineBox(line) {
  return union(pieces(line));
}

// One box for each place of the line where a word stands, in px of the access image.
export function boxes(line, words) {
  const all = pieces(line);
  return ranges(line.text, words).map(([start, end]) => {
    const touched = all.filter(piece => piece.start < end && piece.start + piece.length > start);
    return touched.length ? union(touched.map(piece => part(piece, start, end, line.vertical))) : null;
  }).filter(Boolean);
}
