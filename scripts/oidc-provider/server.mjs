// An OpenID Connect provider that this project did not write (npm `oidc-provider`, certified by the
// OpenID Foundation) with Bailiwick's four sample people: the panel's sign-in is tested with it.
// For tests only: it listens on 127.0.0.1 and asks for no password.
//
// Needs:  Node 20 or newer, and `npm ci` in this folder.
// Call:   PORT=9500 CLIENT_ID=bailiwick CLIENT_SECRET=... \
//         REDIRECT_URIS=http://127.0.0.1:8080/auth/callback \
//         POST_LOGOUT_REDIRECT_URIS=http://127.0.0.1:8080/ node server.mjs
// Prints `listening http://127.0.0.1:9500` once it answers. Lists of addresses are comma-separated.
//
//   PORT                       0 (default) takes a free one
//   ISSUER                     default http://127.0.0.1:PORT
//   BACKCHANNEL_LOGOUT_URI     where logout tokens go (none by default)
//   IDTOKEN_CLAIMS=1           put groups and the rest into the ID token too; by default only
//                              userinfo has them (OpenID Connect Core 5.4)
//   TOKEN_AUTH_METHOD          client_secret_basic (default) or client_secret_post
//   ACCESS_TOKEN_SECONDS       life of an access token (default 3600)
//
// Sign-in page: one submit button per person, name="person". GET /people shows the groups;
// POST /people/{name} with groups=a,b sets them, for tests of what happens when they change.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import * as oidc from 'oidc-provider';

const env = (name, fallback = '') => process.env[name] || fallback;
const list = (name) => env(name).split(',').map((s) => s.trim()).filter(Boolean);

const people = new Map([
  ['alice', { name: 'Alice Adler', groups: ['admins'] }],
  ['bob', { name: 'Bob Baker', groups: ['editors'], region: 'emea' }],
  ['carol', { name: 'Carol Cruz', groups: ['viewers'] }],
  ['dave', { name: 'Dave Dunn', groups: [] }],
]);

/** The subject: stable, and unlike the person's name, so that nothing takes one for the other. */
const subject = (person) => createHash('sha256').update(`person:${person}`).digest('hex').slice(0, 20);
const personBySubject = new Map([...people.keys()].map((p) => [subject(p), p]));

function claimsOf(person) {
  const { name, groups, region } = people.get(person);
  return {
    sub: subject(person),
    name,
    preferred_username: person,
    email: `${person}@example.com`,
    email_verified: true,
    // A person without groups has no such claim: many providers leave it out.
    ...(groups.length ? { groups } : {}),
    ...(region ? { region } : {}),
  };
}

const escape = (s) => String(s).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const page = (title, body) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<body style="font: 1rem/1.5 system-ui; max-width: 24rem; margin: 4rem auto; padding: 0 1rem">
<h1 style="font-size: 1.25rem">${escape(title)}</h1>
${body}
</body></html>
`;

function send(res, status, body, type = 'text/html; charset=utf-8') {
  res.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

async function form(req) {
  let text = '';
  for await (const chunk of req) {
    text += chunk;
    if (text.length > 65536) throw new Error('the form is too long');
  }
  return new URLSearchParams(text);
}

/** Consent is not what is tested: a person who signed in has agreed to all that was asked for. */
async function grantFor(provider, clientId, accountId, params) {
  const grant = new provider.Grant({ clientId, accountId });
  grant.addOIDCScope(params.scope);
  if (params.claims) {
    const asked = JSON.parse(params.claims);
    grant.addOIDCClaims([...Object.keys(asked.id_token ?? {}), ...Object.keys(asked.userinfo ?? {})]);
  }
  return grant.save();
}

function configuration() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clients: [{
      client_id: env('CLIENT_ID', 'bailiwick'),
      client_secret: env('CLIENT_SECRET', 'a-secret-for-tests-only'),
      redirect_uris: list('REDIRECT_URIS'),
      post_logout_redirect_uris: list('POST_LOGOUT_REDIRECT_URIS'),
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: env('TOKEN_AUTH_METHOD', 'client_secret_basic'),
      ...(env('BACKCHANNEL_LOGOUT_URI')
        ? { backchannel_logout_uri: env('BACKCHANNEL_LOGOUT_URI'), backchannel_logout_session_required: true }
        : {}),
    }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
      groups: ['groups', 'region'],
    },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'groups'],
    conformIdTokenClaims: env('IDTOKEN_CLAIMS') !== '1',
    pkce: { required: () => true },
    ttl: {
      AccessToken: Number(env('ACCESS_TOKEN_SECONDS', '3600')),
      AuthorizationCode: 60,
      Grant: 86400,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 86400,
      Session: 86400,
    },
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: async (_ctx, sub) => {
      const person = personBySubject.get(sub);
      return person && { accountId: sub, claims: async () => claimsOf(person) };
    },
    async loadExistingGrant(ctx) {
      const { provider, client, params, session, result } = ctx.oidc;
      if (result?.consent?.grantId) return provider.Grant.find(result.consent.grantId);
      return provider.Grant.find(await grantFor(provider, client.clientId, session.accountId, params));
    },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (ctx, html) => {
          ctx.body = page('Sign out?', `${html}
<button form="op.logoutForm" type="submit" name="logout" value="yes" autofocus>Yes, sign me out</button>
<button form="op.logoutForm" type="submit">No, stay signed in</button>`);
        },
        postLogoutSuccessSource: async (ctx) => {
          ctx.body = page('Signed out', '<p>You are signed out of the provider.</p>');
        },
      },
    },
    // By default the library does not call loopback addresses; here the panel is on one.
    fetch: (url, { dispatcher: _, ...options }) => globalThis.fetch(url, options),
    renderError: async (ctx, out) => {
      ctx.type = 'html';
      ctx.body = page('That did not work', `<p id="error">${escape(out.error)}</p>
<p id="error_description">${escape(out.error_description ?? '')}</p>`);
    },
  };
}

function signInPage(details) {
  const buttons = [...people].map(([id, { name, groups }]) => `
<p><button type="submit" name="person" value="${id}">${escape(name)}</button>
 <small>${groups.length ? escape(groups.join(', ')) : 'no groups'}</small></p>`).join('');
  return page('Who are you?', `<form method="post" action="/interaction/${escape(details.uid)}">${buttons}
</form>`);
}

/** The library's interaction: sign-in by a button, consent without a question. */
async function interaction(provider, req, res) {
  const details = await provider.interactionDetails(req, res);
  const finish = (result) => provider.interactionFinished(req, res, result, { mergeWithLastSubmission: true });
  if (details.prompt.name === 'consent') {
    const { client_id: clientId } = details.params;
    const grantId = await grantFor(provider, clientId, details.session.accountId, details.params);
    return finish({ consent: { grantId } });
  }
  if (req.method !== 'POST') return send(res, 200, signInPage(details));
  const person = (await form(req)).get('person');
  if (!people.has(person)) return send(res, 400, page('No such person', ''));
  return finish({ login: { accountId: subject(person) } });
}

async function peoplePage(req, res, name) {
  if (name !== undefined) {
    const person = people.get(name);
    if (!person) return send(res, 404, page('No such person', ''));
    if (req.method !== 'POST') return send(res, 405, page('POST groups=a,b', ''));
    person.groups = ((await form(req)).get('groups') ?? '').split(',').map((s) => s.trim()).filter(Boolean);
  }
  const all = Object.fromEntries([...people.keys()].map((p) => [p, claimsOf(p)]));
  return send(res, 200, JSON.stringify(all, null, 2), 'application/json');
}

function start() {
  let answer; // set once the port, and with it the issuer, is known
  const server = createServer((req, res) => {
    answer(req, res).catch((error) => {
      console.error('failed:', req.method, req.url.split('?')[0], error);
      if (!res.headersSent) send(res, 500, page('That did not work', ''));
    });
  });
  server.listen(Number(env('PORT', '0')), '127.0.0.1', () => {
    const issuer = env('ISSUER', `http://127.0.0.1:${server.address().port}`);
    const provider = new oidc.Provider(issuer, configuration());
    for (const event of ['authorization.error', 'grant.error', 'userinfo.error', 'end_session.error',
      'server_error', 'backchannel.error']) {
      provider.on(event, (_ctx, error) => console.error(`${event}: ${error.message} ${error.error_detail ?? ''}`));
    }
    const library = provider.callback();
    answer = async (req, res) => {
      const [, first, second] = new URL(req.url, issuer).pathname.split('/');
      if (first === 'interaction') return interaction(provider, req, res);
      if (first === 'people') return peoplePage(req, res, second);
      return library(req, res);
    };
    console.log(`listening ${issuer}`);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => { server.closeAllConnections(); server.close(() => process.exit(0)); });
  }
}

start();
