import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeFeatures } from './features.ts';
import { isHtml, parseMail, toText } from './mail.ts';

function parse(...lines: (string | Buffer)[]): ReturnType<typeof parseMail> {
  return parseMail(Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])));
}

test('headers are unfolded, and the sender is the domain of From in lower case', () => {
  const mail = parse(
    'From bounce@other.example  Thu Aug 22 13:17:22 2002',
    'From: "A, B" <a.b@Mail.Example.COM>',
    'Subject: one',
    '\ttwo',
    '',
    'Hello',
  );
  assert.deepEqual(mail, { sender_domain: 'mail.example.com', subject: 'one two', body: 'Hello\n' });
});

test('without a From header the envelope sender is used, and without any address the sender is unknown', () => {
  assert.equal(parse('From x@envelope.example  Thu Aug 22 13:17:22 2002', 'Subject: s', '', 'b').sender_domain, 'envelope.example');
  assert.equal(parse('From: nobody', '', 'b').sender_domain, 'unknown');
});

test('quoted-printable and base64 parts are decoded in their own charset', () => {
  const mail = parse(
    'Content-Type: multipart/mixed; boundary="x"',
    '',
    'preamble that is not shown',
    '--x',
    'Content-Type: text/plain; charset=iso-8859-1',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'caf=E9 soft=',
    ' break',
    '--x',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('naïve').toString('base64'),
    '--x',
    'Content-Type: text/plain',
    'Content-Disposition: attachment',
    '',
    'attached and not shown',
    '--x--',
    'epilogue',
  );
  assert.match(mail.body, /café soft break/);
  assert.match(mail.body, /naïve/);
  assert.doesNotMatch(mail.body, /preamble|attached|epilogue/);
});

test('of alternatives the last that says something is shown', () => {
  const part = (type: string, text: string): string[] => ['--b', `Content-Type: ${type}`, '', text];
  const mail = parse(
    'Content-Type: multipart/alternative; boundary=b',
    '',
    ...part('text/plain', 'plain'),
    ...part('text/html', '<p>rich</p>'),
    '--b--',
  );
  assert.equal(mail.body.trim(), '<p>rich</p>');
  const empty = parse(
    'Content-Type: multipart/alternative; boundary=b',
    '',
    ...part('text/plain', 'plain'),
    ...part('text/html', ' '),
    '--b--',
  );
  assert.equal(empty.body.trim(), 'plain');
});

test('encoded words in the subject are decoded, the blank between two of them dropped', () => {
  assert.equal(parse('Subject: =?iso-8859-1?Q?caf=E9_?= =?utf-8?B?w6AgbGE=?= x', '', '').subject, 'café à la x');
});

test('an unknown charset, a missing boundary and stray bytes are taken as they stand', () => {
  assert.equal(parse('Content-Type: text/plain; charset=no-such', '', Buffer.from([0x61, 0xe9])).body, 'aé\n');
  assert.equal(parse('Content-Type: multipart/mixed', '', 'text').body, 'text\n');
  assert.equal(parse('Subject: s', 'this line is no header', 'so the body began').body, 'this line is no header\nso the body began\n');
  assert.deepEqual(parseMail(new Uint8Array()), { sender_domain: 'unknown', subject: '', body: '' });
});

test('list headers never reach the features', () => {
  const letter = ['From: a@b.example', 'Subject: Re: patch', '', 'I think the patch is fine.'];
  const listed = ['List-Id: <users.lists.example>', 'Precedence: bulk', 'X-Mailman-Version: 2.0', ...letter];
  assert.deepEqual(computeFeatures(parse(...listed)), computeFeatures(parse(...letter)));
});

test('HTML becomes its visible text', () => {
  const html = '<html><style>p{color:red}</style><!-- hidden --><p>Buy&nbsp;now &#33; &lt;here&gt;<br>caf&#xE9;</p><script>x()</script>';
  assert.ok(isHtml(html));
  assert.equal(toText(html).trim(), 'Buy now ! <here>\ncafé');
  assert.equal(toText('1 < 2 and <user@host.example> is plain'), '1 < 2 and <user@host.example> is plain');
});
