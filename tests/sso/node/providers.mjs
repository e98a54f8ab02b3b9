// Three identity providers in the style of Entra, Keycloak and SURFconext, each with people of its own, made with the
// certified oidc-provider. tests/sso/partners.py starts it: the first argument holds what each knows of the portal
// (client metadata by partner); one line of JSON on standard output tells the issuers; a line with the name of a partner
// on standard input gives that partner a new key, and the end of standard input ends the process.
import { generateKeyPairSync, createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import { Provider } from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';

const TENANT = '9f3c2f0e-6d1b-4c55-9c0a-0d3a6a2b7f10';
const KINDS = { RS256: ['rsa', { modulusLength: 2048 }], ES256: ['ec', { namedCurve: 'P-256' }] };

const PARTNERS = {
  entra: {
    path: `/${TENANT}/v2.0`,
    algorithm: 'RS256',
    settings: {
      clientAuthMethods: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
      conformIdTokenClaims: false, // Entra puts everything in the ID token
      subjectTypes: ['pairwise'],
      pairwiseIdentifier: (ctx, account, client) =>
        createHash('sha256').update(`${client.clientId} ${account}`).digest('base64url'),
      claims: {
        openid: ['sub', 'oid', 'tid', 'ver', 'groups'],
        profile: ['name', 'preferred_username'],
        email: ['email'],
      },
    },
    client: { subject_type: 'pairwise' },
    always: { tid: TENANT, ver: '2.0' },
    people: {
      anna: {
        oid: '1d2a5c1e-0001-4f6b-8e55-000000000001',
        preferred_username: 'anna@gemeente-hofstad.example',
        email: 'Anna@Gemeente-Hofstad.example',
        name: 'Anna de Gemeente',
        groups: ['5b0c0f4e-1111-4e4e-9f9f-aaaaaaaaaaaa', '5b0c0f4e-2222-4e4e-9f9f-bbbbbbbbbbbb'],
      },
      veel: {
        oid: '1d2a5c1e-0002-4f6b-8e55-000000000002',
        preferred_username: 'veel@gemeente-hofstad.example',
        email: 'veel@gemeente-hofstad.example',
        _claim_names: { groups: 'src1' },
        _claim_sources: { src1: { endpoint: 'https://graph.example/v1.0/users/veel/getMemberObjects' } },
      },
      gast: {
        oid: '1d2a5c1e-0003-4f6b-8e55-000000000003',
        preferred_username: 'anna@gemeente-hofstad.example', // says nothing: it can be changed and is no address
      },
    },
  },
  keycloak: {
    path: '/realms/zorg',
    algorithm: 'ES256',
    settings: {
      clientAuthMethods: ['client_secret_basic'],
      conformIdTokenClaims: false,
      claims: {
        openid: ['sub', 'groups', 'realm_access'],
        profile: ['name', 'preferred_username'],
        email: ['email', 'email_verified'],
      },
    },
    always: { realm_access: { roles: ['offline_access', 'default-roles-zorg'] } },
    people: {
      bram: {
        email: 'bram@zorg-hofstad.example',
        email_verified: true,
        preferred_username: 'bram',
        name: 'Bram van Zorg',
        groups: ['/handboek/redactie', '/afdeling/wonen'],
      },
      buiten: {
        email: 'buiten@zorg-hofstad.example',
        email_verified: true,
        groups: ['/handboek', '/archief/handboek/redactie'],
      },
      nieuw: { email: 'nieuw@zorg-hofstad.example', email_verified: false, groups: ['/handboek/redactie'] },
    },
  },
  surfconext: {
    path: '',
    algorithm: 'RS256',
    settings: {
      clientAuthMethods: ['private_key_jwt'],
      conformIdTokenClaims: true, // claims about the person only at userinfo
      acrValues: ['http://surfconext.nl/assurance/loa1', 'http://surfconext.nl/assurance/loa2'],
      claims: {
        openid: ['sub', 'acr'],
        profile: ['name', 'schac_home_organization', 'eduperson_affiliation', 'eduperson_entitlement'],
        email: ['email', 'email_verified'],
      },
    },
    always: { eduperson_affiliation: ['employee', 'member'] },
    people: {
      carla: {
        email: 'carla@hofstad.example',
        email_verified: true,
        name: 'Carla Hofstad',
        schac_home_organization: 'hofstad.example',
        eduperson_entitlement: ['urn:mace:surf.nl:handboek:redactie', 'urn:mace:dir:entitlement:common-lib-terms'],
        acr: 'http://surfconext.nl/assurance/loa2',
      },
      zwak: {
        email: 'zwak@hofstad.example',
        email_verified: true,
        schac_home_organization: 'hofstad.example',
        eduperson_entitlement: ['urn:mace:surf.nl:handboek:redactie'],
        acr: 'http://surfconext.nl/assurance/loa1',
      },
      elders: {
        email: 'elders@universiteit.example',
        email_verified: true,
        schac_home_organization: 'universiteit.example',
        eduperson_entitlement: ['urn:mace:surf.nl:handboek:redactie'],
        acr: 'http://surfconext.nl/assurance/loa2',
      },
    },
  },
};

const cookieKeys = [randomUUID()];
const clients = JSON.parse(process.argv[2]);
const running = {};
const adapters = {}; // what a partner remembers outlives its key
console.info = console.error; // the library's advice: standard output is for our own lines

function key(algorithm) {
  const [kind, options] = KINDS[algorithm];
  return { ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig' };
}

/** Accept what the portal asks for without a page about it: partners do so for an application of their own. */
async function grantEverything(ctx) {
  const { provider, client, session, params } = ctx.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(params.scope);
  await grant.save();
  return grant;
}

function start(name, origin) {
  const { path, algorithm, settings, client, always, people } = PARTNERS[name];
  adapters[name] ??= createMemoryAdapter(0);
  const provider = new Provider(`${origin}${path}`, {
    ...settings,
    adapter: adapters[name],
    jwks: { keys: [key(algorithm)] },
    clients: [{ id_token_signed_response_alg: algorithm, response_types: ['code'], ...client, ...clients[name] }],
    cookies: { keys: cookieKeys },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    findAccount: (ctx, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...always, ...people[id] }) },
    interactions: { url: (ctx, interaction) => `${path}/wie/${interaction.uid}` },
    loadExistingGrant: grantEverything,
    pkce: { required: () => true },
  });
  running[name] = { provider, answer: provider.callback() };
}

/** Show who can be chosen, or be the one who was: this provider asks no password. */
async function chooseWho(name, request, response) {
  const { provider } = running[name];
  const { people } = PARTNERS[name];
  if (request.method !== 'POST') {
    await provider.interactionDetails(request, response);
    const buttons = Object.keys(people).map((id) => `<button name="wie" value="${id}">${id}</button>`);
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>${name}</title><form method="post">${buttons.join('')}</form>`);
    return;
  }
  let form = '';
  for await (const part of request) form += part;
  const id = new URLSearchParams(form).get('wie');
  const login = { accountId: id, acr: people[id]?.acr, amr: ['pwd'] };
  const result = people[id] ? { login } : { error: 'access_denied', error_description: 'gestopt' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const byLength = Object.keys(PARTNERS).sort((a, b) => PARTNERS[b].path.length - PARTNERS[a].path.length);
const server = createServer((request, response) => {
  const name = byLength.find((one) => request.url.startsWith(`${PARTNERS[one].path}/`));
  const { path } = PARTNERS[name];
  if (request.url.startsWith(`${path}/wie/`)) {
    chooseWho(name, request, response).catch((error) => response.writeHead(400).end(String(error)));
    return;
  }
  request.originalUrl = request.url;
  request.url = request.url.slice(path.length);
  running[name].answer(request, response);
});

server.listen(Number(process.argv[3]), '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  for (const name of byLength) start(name, origin);
  console.log(JSON.stringify(Object.fromEntries(byLength.map((name) => [name, running[name].provider.issuer]))));
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (name) => {
    start(name, origin);
    console.log(name);
  });
  lines.on('close', () => process.exit());
});
