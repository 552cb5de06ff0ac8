#!/usr/bin/env python3
"""The reading room behind nginx, with the configuration that is shipped: what a good client gets, and what does not come through."""
import atexit, contextlib, http.client, json, os, pathlib, re, resource, shutil, signal, socket, subprocess, sys, time
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from tap import archive, binary, case, dangan, finish, folder, source

HALF_OPEN = 1500
nginx = shutil.which('nginx', path=os.environ.get('PATH', '') + ':/usr/sbin')


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def settings(place, port):
    """The shipped file, without TLS and on a port of ours."""
    text = (source / 'query/nginx.conf').read_text()
    for pattern, ours in ((r'unix:/run/dangan/dangan\.sock', f'unix:{place}/dangan.sock'), (r'listen 443 ssl http2;', f'listen 127.0.0.1:{port};'),
                          (r'\n *ssl_[a-z_]+ [^\n]*', ''), (r'proxy_cookie_flags dangan secure;', ''), (r'limit_conn dangan_clients 100;', 'limit_conn dangan_clients 4000;')):
        text, n = re.subn(pattern, ours, text)
        assert n, pattern
    temporary = ' '.join(f'{kind}_temp_path {place}/{kind};' for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
    return (f'daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/error.log warn; worker_rlimit_nofile 8192;\n'
            f'events {{ worker_connections 4096; }}\nhttp {{ {temporary}\n{text}\n}}\n')


def wait_for(question, what):
    for _ in range(200):
        with contextlib.suppress(OSError, http.client.HTTPException):
            if question():
                return
        time.sleep(0.05)
    raise AssertionError(f'{what} does not come up')


def ask(method, target, body=None, headers=None, timeout=10):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=timeout)
    connection.request(method, target, body, headers or {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def raw(text):
    """Status of the answer to these bytes; 0 = closed without one."""
    with socket.create_connection(('127.0.0.1', port), timeout=10) as connection:
        connection.sendall(text)
        with contextlib.suppress(ConnectionError):
            head = connection.recv(4096)
            return int(head.split()[1]) if head.startswith(b'HTTP/1.') else 0
    return 0


place = folder()
port = free_port()
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
running = contextlib.ExitStack()
atexit.register(running.close)
held = running.enter_context(archive(place / 'archive'))
dangan('user', 'add', '--archive', held, 'wang', stdin='correct horse\n', status=0)
# A service that was killed leaves its socket behind.
with socket.socket(socket.AF_UNIX) as stale:
    stale.bind(str(place / 'dangan.sock'))
(place / 'nginx.conf').write_text(settings(place, port))
service = subprocess.Popen([binary, 'serve', '--archive', str(held), '--listen', f'unix:{place}/dangan.sock'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
running.callback(service.kill)
front = subprocess.Popen([nginx, '-p', str(place), '-c', str(place / 'nginx.conf')])
running.callback(front.kill)
wait_for(lambda: ask('GET', '/healthz')[0].status == 200, 'the service')


@case
def a_good_client_is_served_through_the_socket():
    page, content = ask('GET', '/')
    assert page.status == 200 and b'<html' in content
    assert page.getheader('Strict-Transport-Security') and 'nginx/' not in page.getheader('Server', '')
    mode = (place / 'dangan.sock').stat().st_mode & 0o777
    assert mode == 0o660, oct(mode)
    answer, content = ask('POST', '/api/v1/session', json.dumps({'name': 'wang', 'password': 'correct horse'}), {'X-Dangan': '1', 'Content-Type': 'application/json'})
    assert answer.status == 201, content
    cookie = answer.getheader('Set-Cookie').split(';')[0]
    found, content = ask('GET', '/api/v1/search?q=%E7%8E%8B', headers={'Cookie': cookie})
    assert found.status == 200 and json.loads(content)['results'] == []


@case
def what_is_for_the_machine_stays_inside():
    for target in ('/metrics', '/readyz', '/metrics?x', '/%6detrics'):
        assert ask('GET', target)[0].status == 404, target
    assert ask('GET', '/healthz')[0].status == 200
    with socket.socket(socket.AF_UNIX) as inside:
        inside.connect(str(place / 'dangan.sock'))
        inside.sendall(b'GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
        text = b''.join(iter(lambda: inside.recv(65536), b'')).decode()
    assert 'dangan_requests_total{route="/api/v1/session",status="201"} 1' in text, text
    assert 'dangan_request_seconds_bucket{route="/api/v1/search",le="+Inf"} 1' in text
    assert '%E7%8E%8B' not in text and '王' not in text and 'wang' not in text


@case
def what_is_no_clean_http_does_not_come_through():
    """The probes that libmicrohttpd 0.9.75 lets pass."""
    host = b'Host: x\r\n'
    probes = {'blank before the colon': b'GET / HTTP/1.1\r\n' + host + b'Content-Length : 5\r\n\r\nhello',
              'both lengths': b'POST / HTTP/1.1\r\n' + host + b'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n',
              'two hosts': b'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
              'no host': b'GET / HTTP/1.1\r\n\r\n',
              'NUL in a value': b'GET / HTTP/1.1\r\n' + host + b'Cookie: a\x00b\r\n\r\n',
              'NUL in the target': b'GET /\x00 HTTP/1.1\r\n' + host + b'\r\n',
              'signed length': b'POST / HTTP/1.1\r\n' + host + b'Content-Length: +5\r\n\r\nhello',
              'unknown coding': b'POST / HTTP/1.1\r\n' + host + b'Transfer-Encoding: gzip\r\n\r\n',
              'two lengths': b'POST / HTTP/1.1\r\n' + host + b'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
              'odd chunk': b'POST / HTTP/1.1\r\n' + host + b'Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n',
              'long header': b'GET / HTTP/1.1\r\n' + host + b'X: ' + b'a' * 40000 + b'\r\n\r\n',
              'long target': b'GET /' + b'a' * 40000 + b' HTTP/1.1\r\n' + host + b'\r\n',
              'no method': b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'}
    for name, probe in probes.items():
        status = raw(probe)
        assert status == 0 or 400 <= status < 600 and status != 500, (name, status)
    body = ask('POST', '/api/v1/session', b'x' * 100_000, {'X-Dangan': '1'})[0]
    assert body.status == 413


@case
def another_site_cannot_log_in_here():
    own = ask('POST', '/api/v1/session', '{}', {'X-Dangan': '1', 'Origin': f'http://127.0.0.1:{port}'})
    assert own[0].status == 400 and b'input' in own[1], 'an origin that is ours was refused'
    forged = ask('POST', '/api/v1/session', '{}', {'X-Dangan': '1', 'Origin': 'http://elsewhere.example'})
    assert forged[0].status == 403 and b'forged' in forged[1]


@case
def many_logins_of_one_client_are_slowed_down():
    statuses = [ask('POST', '/api/v1/session', '{}', {'X-Dangan': '1'})[0].status for _ in range(40)]
    assert 429 in statuses and 400 in statuses, statuses


@case
def half_open_connections_do_not_stop_a_good_client():
    opened = []
    try:
        for _ in range(HALF_OPEN):
            connection = socket.create_connection(('127.0.0.1', port), timeout=10)
            connection.sendall(b'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ')
            opened.append(connection)
        began = time.monotonic()
        assert ask('GET', '/healthz', timeout=3)[0].status == 200
        assert time.monotonic() - began < 1, 'a good client waited'
    finally:
        for connection in opened:
            connection.close()


@case
def at_the_end_nothing_is_left():
    service.send_signal(signal.SIGTERM)
    assert service.wait(timeout=20) == 0
    assert not (place / 'dangan.sock').exists()
    assert ask('GET', '/healthz')[0].status == 502


finish()
