// SPDX-License-Identifier: Apache-2.0

// A stand-in for an identity provider such as VNeID: it asks who one is and at
// which level, and believes it. With ?fault=NAME at /fault it errs on purpose:
//   denied  the person says no          expired  the token has run out
//   issuer  another issuer's token      nonce    a token of another sign-in
//   key     signed by nobody we know    none     not signed at all
//   low     a lower level than asked    audience a token for another site
// Start: ISSUER=http://127.0.0.1:9700 SITE=http://127.0.0.1:8080 node server.mjs
import { createServer } from "node:http";
import * as jose from "jose";
import Provider from "oidc-provider";

const issuer = process.env.ISSUER ?? "http://127.0.0.1:9700", site = process.env.SITE ?? "http://127.0.0.1:8080";

const persons = {
  giang: { name: "Nguyễn Thị Hương Giang", cccd: "046190001234", birthdate: "1990-03-15", gender: "female", phone_number: "0905000123" },
  hanh: { name: "Đặng Thị Mỹ Hạnh", cccd: "046185004321", birthdate: "1985-07-02", gender: "female", phone_number: "0905000777" },
  hue: { name: "Phan Văn Huệ", cccd: "046177009999", birthdate: "1977-12-30", gender: "male", org_code: "3300777888", org_name: "Công ty cổ phần Ngự Bình (minh họa)" },
  linh: { name: "Trần Thị Mỹ Linh", staff: "motcua" },
};
const levels = ["urn:stand-in:1", "urn:stand-in:2", "urn:stand-in:3"];

const keys = async () => jose.generateKeyPair("RS256", { extractable: true });
const own = await keys(), stranger = await keys();
const jwk = { ...await jose.exportJWK(own.privateKey), kid: "stand-in", use: "sig", alg: "RS256" };

const provider = new Provider(issuer, {
  clients: [{
    client_id: "motcua", client_secret: "bi-mat-chi-de-thu", response_types: ["code"], grant_types: ["authorization_code"],
    redirect_uris: [`${site}/dang-nhap/ve`], post_logout_redirect_uris: [`${site}/?da=dang-xuat`],
  }],
  jwks: { keys: [jwk] },
  acrValues: levels,
  claims: { openid: ["sub", "acr"], profile: ["name", "cccd", "birthdate", "gender", "phone_number", "org_code", "org_name", "staff"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true, logoutSource(ctx, form) { ctx.body = page("Đăng xuất", `${form}<button form="op.logoutForm" name="logout" value="yes">Đăng xuất</button>`); } } },
  interactions: { url: (ctx, i) => `/interaction/${i.uid}` },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...persons[id] }) }),
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid profile");
    await grant.save();
    return grant;
  },
  cookies: { keys: ["bi-mat-chi-de-thu"] },
  ttl: { Session: 600, Grant: 600, Interaction: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
});

let fault = "";
const page = (title, body) => `<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><h1>${title}</h1>${body}</html>`;

// What the token says is bent where a fault asks for it.
provider.use(async (ctx, next) => {
  await next();
  if (ctx.path !== "/token" || !ctx.body?.id_token || !fault) return;
  const said = jose.decodeJwt(ctx.body.id_token), now = Math.floor(Date.now() / 1000);
  let key = own.privateKey, kid = jwk.kid;
  if (fault === "expired") Object.assign(said, { iat: now - 7200, exp: now - 3600 });
  if (fault === "issuer") said.iss = "https://another.example";
  if (fault === "audience") said.aud = "another-site";
  if (fault === "nonce") said.nonce = "another";
  if (fault === "low") said.acr = levels[0];
  if (fault === "key") [key, kid] = [stranger.privateKey, "stranger"];
  ctx.body.id_token = fault === "none" ? new jose.UnsecuredJWT(said).encode() : await new jose.SignJWT(said).setProtectedHeader({ alg: "RS256", kid }).sign(key);
});

const read = async req => {
  let text = "";
  for await (const piece of req) text += piece;
  return new URLSearchParams(text);
};

const answer = provider.callback();
createServer(async (req, res) => {
  try {
    const url = new URL(req.url, issuer);
    if (url.pathname === "/fault") {
      fault = url.searchParams.get("fault") ?? "";
      return res.end(fault);
    }
    if (!url.pathname.startsWith("/interaction/")) return await answer(req, res);
    const asked = await provider.interactionDetails(req, res);
    if (req.method === "POST") {
      const said = await read(req);
      if (fault === "denied" || said.get("who") === "") return await provider.interactionFinished(req, res, { error: "access_denied", error_description: "The person said no" });
      return await provider.interactionFinished(req, res, { login: { accountId: said.get("who"), acr: said.get("acr"), remember: false } });
    }
    const wanted = String(asked.params.acr_values ?? levels[1]).split(" ")[0];
    res.setHeader("Content-Type", "text/html; charset=utf-8");
    res.end(page("Đăng nhập thử", `<form method="post"><p><label for="acr">Mức</label> <select id="acr" name="acr">${levels.map(l => `<option${l === wanted ? " selected" : ""}>${l}</option>`).join("")}</select></p>
${Object.entries(persons).map(([id, p]) => `<p><button name="who" value="${id}">${p.name}</button></p>`).join("\n")}
<p><button name="who" value="">Từ chối</button></p></form>`));
  } catch (e) {
    res.statusCode = 400;
    res.end(String(e));
  }
}).listen(new URL(issuer).port, new URL(issuer).hostname, () => console.log("ready"));
