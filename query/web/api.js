// The HTTP interface of the service (docs/api.md).

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

let sessionLost = () => {};
export function onSessionLost(handler) {
  sessionLost = handler;
}

async function call(method, path, body) {
  const headers = method === 'GET' ? {} : {'X-Dangan': '1'};
  if (body) headers['Content-Type'] = 'application/json';
  let answer;
  try {
    answer = await fetch('/api/v1/' + path, {method, headers, body: body && JSON.stringify(body)});
  } catch {
    throw new ApiError(0, 'offline', '');
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const told = await answer.json().catch(() => ({}));
  const error = new ApiError(answer.status, told.error?.code ?? 'system', told.error?.message ?? '');
  if (error.code === 'no_session') sessionLost();
  throw error;
}

const query = parameters => new URLSearchParams(parameters).toString();

export const login = (name, password) => call('POST', 'session', {name, password});
export const logout = () => call('DELETE', 'session');
export const session = () => call('GET', 'session');
export const search = parameters => call('GET', 'search?' + query(parameters));
export const dossier = id => call('GET', 'dossiers/' + encodeURIComponent(id));
export const hits = (id, q) => call('GET', 'dossiers/' + encodeURIComponent(id) + '/hits?' + query({q}));
export const pageText = page => call('GET', 'pages/' + page + '/text');
export const image = (page, kind) => '/api/v1/pages/' + page + '/' + kind;

/* --- images ---------------------------------------------------------------------------------------------------------- */

const TILE = 512, RENEW_MS = 60000;
const open = {};

// What the images of a dossier stand below, for a while (docs/api.md): asked for once and again before it runs out.
async function capability(id) {
  if (!open[id] || Date.parse(open[id].until) - Date.now() < RENEW_MS) open[id] = await call('POST', 'dossiers/' + encodeURIComponent(id) + '/open');
  return open[id].capability;
}

// The service has begun anew or the time is over: the next address is a new one.
export const reopen = id => { delete open[id]; };
export const tiles = async (id, page) => '/iiif/' + await capability(id) + '/' + page.page + '/info.json';

// The whole page as its smallest tile; the service makes the others of the page with it.
export async function overview(id, page) {
  let [width, height] = [page.width_px, page.height_px];
  while (Math.max(width, height) > TILE) [width, height] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  return '/iiif/' + await capability(id) + '/' + page.page + '/full/' + width + ',/0/default.jpg';
}
