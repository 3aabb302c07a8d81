import type { Page } from "@playwright/test";
import { parsePublicId } from "@/lib/public-id";
import { makeMark } from "@/lib/testing/marks";
import type { Answers } from "./answers";
import { callAction, postAction } from "./call-action";
import { withDatabase } from "./database";
import { expect, makePerson, type Person, signIn } from "./fixtures";
import { ORIGIN } from "./origin";
import { builtAction } from "./routes";
import {
  actionAt,
  type Caller,
  call,
  connectByAction,
  LISTSUB,
  makeApp,
  makeLink,
  malformedBodies,
  TOKEN,
  whileRefused,
  withSpecialCharacters,
} from "./secret-places";
import { callsOf, requestToken, revokeTokens, withFault } from "./simulator";

const PASSWORD_CHARACTERS_MAX = 128;
const APP_SECRET_CHARACTERS_MAX = 200;
const REFUSED = { status: "failed" };
const BROKEN = { status: "failed", message: { key: "error.internal" } };

/** Makes secrets and records the mark of each with its place of entry. */
export class Secrets {
  readonly marks: Record<string, string> = {};

  make(where: string): string {
    return withSpecialCharacters(this.mark(where));
  }

  mark(where: string): string {
    const mark = makeMark();
    this.marks[where] = mark;
    return mark;
  }
}

const organizationOf = ({ path = "" }: Caller) => parsePublicId(path.split("/")[2] ?? "");

/** Enters passwords at the sign-in and the sign-up: wrong, right, too long, during a database failure, and in malformed bodies. */
export async function enterPasswords(
  { page, answers }: Caller,
  { email, password }: Person,
  secrets: Secrets,
): Promise<void> {
  const wrong = secrets.make("wrong password");
  const tooLong = secrets.make("password too long").padEnd(PASSWORD_CHARACTERS_MAX + 1, "x");
  for (const given of [wrong, tooLong]) {
    await signIn(page, { email, password: given });
    await expect(page.getByRole("alert").filter({ hasText: /./ }).first()).toBeVisible();
  }
  await signIn(page, { email, password });
  await page.waitForURL(/\/o\//);

  const anybody = { page, answers };
  const signUp = (address: string, where: string) =>
    call(anybody, "signUpAction", { organization: "x", email: address, password: secrets.make(where) });
  expect(await signUp(email, "wrong password of a second sign-up")).toMatchObject(REFUSED);
  const rejectedEmail = makePerson().email;
  const broken = await whileRefused("users", `email <> '${rejectedEmail}'`, () =>
    signUp(rejectedEmail, "password while the database fails"),
  );
  expect(broken).toEqual(BROKEN);

  const data = `{"password":"${secrets.make("password in a body of no form")}`;
  for (const type of ["application/json", "application/x-www-form-urlencoded", "text/plain"]) {
    const headers = { origin: ORIGIN, "content-type": type };
    answers.add(await page.request.post(`${ORIGIN}/api/auth/callback/credentials`, { headers, data }));
  }
}

/** Enters passwords on the account page and with a one-time link, which is a secret that only its own page may contain. */
export async function changePasswords(
  { page, answers }: Caller,
  { email, password }: Person,
  secrets: Secrets,
): Promise<string> {
  const account = { page, answers };
  const changed = secrets.make("changed password");
  const change = (present: string, next: string) =>
    call(account, "changePasswordAction", { present, password: next });
  expect(await change(secrets.make("wrong present password"), changed)).toMatchObject(REFUSED);
  const tooLong = secrets.make("changed password too long").padEnd(PASSWORD_CHARACTERS_MAX + 1, "x");
  expect(await change(password, tooLong)).toMatchObject(REFUSED);
  expect(await change(password, changed)).toMatchObject({ status: "done" });

  const link = await makeLink(email, secrets.mark("one-time link"));
  const set = secrets.make("password set by a link");
  expect(await call(account, "setPasswordAction", { link: `${link}x`, password: set })).toMatchObject(
    REFUSED,
  );
  await page.goto(`/set-password?link=${encodeURIComponent(link)}`);
  await page.getByLabel("New password").fill(set);
  await page.getByRole("button", { name: "Set your password" }).click();
  await page.getByRole("link", { name: "Go to sign-in" }).click();
  await signIn(page, { email, password: set });
  await page.waitForURL(/\/o\//);
  return set;
}

export type ConnectedApp = { readonly appKey: string; readonly appSecret: string; readonly id: string };

/** Enters secrets when connecting an app: wrong, in the key's field, too long, during a database failure, and right. */
export async function enterAppSecrets(caller: Caller, secrets: Secrets): Promise<ConnectedApp> {
  const app = await makeApp(secrets.make("app secret"));
  const test = (pair: { appKey: string; appSecret: string }) => call(caller, "testConnectionAction", pair);
  const failed = { status: "done", data: { isPassed: false } };
  expect(await test({ ...app, appSecret: secrets.make("wrong app secret") })).toMatchObject(failed);
  const swapped = { appKey: secrets.make("app secret in the key's place"), appSecret: app.appKey };
  expect(await test(swapped)).toMatchObject(failed);
  const tooLong = secrets.make("app secret too long").padEnd(APP_SECRET_CHARACTERS_MAX + 1, "x");
  expect(await test({ ...app, appSecret: tooLong })).toMatchObject(REFUSED);
  const action = actionAt(caller, "connectAppAction");
  for (const body of malformedBodies(secrets.make("app secret in a body of no form")))
    caller.answers.add(await postAction(caller.page, action, body));

  const connect = () =>
    call(caller, "connectAppAction", { ...app, name: "生产通讯录", corpId: "", agentId: "" });
  const refusing = `organization_id <> '${organizationOf(caller)}'`;
  expect(await whileRefused("dingtalk_app", refusing, connect)).toEqual(BROKEN);
  const id = await connectByAction(caller, app);
  secrets.marks["access token"] = await requestToken(app);
  return { ...app, id };
}

/** Enters a new secret of a connected app, with the password. */
export async function replaceAppSecret(
  caller: Caller,
  app: ConnectedApp,
  password: string,
  secrets: Secrets,
): Promise<void> {
  await query(
    `UPDATE sessions SET password_confirmed_at = now() - interval '1 hour'
     WHERE user_id IN (SELECT user_id FROM memberships WHERE organization_id = $1)`,
    [organizationOf(caller)],
  );
  const replace = (appSecret: string, confirmation: string) =>
    call(caller, "replaceSecretAction", { app: app.id, appSecret, confirmation });
  const wrong = secrets.make("wrong replacing app secret");
  const isReplaced = (is: boolean) => ({ status: "done", data: { isReplaced: is } });
  expect(await replace(wrong, secrets.make("wrong confirmation"))).toMatchObject({ needsPassword: true });
  expect(await replace(wrong, password)).toMatchObject(isReplaced(false));
  expect(await replace(app.appSecret, password)).toMatchObject(isReplaced(true));
}

const AES_KEY_CHARACTERS = 43;

/** Enters the secrets of an event subscription. The action's own answer shows them once. */
export async function enterCallbackSecrets(
  { page, path = "" }: Caller,
  { id }: ConnectedApp,
  secrets: Secrets,
): Promise<void> {
  const form = {
    app: id,
    token: secrets.mark("callback token"),
    aesKey: secrets.mark("callback AES key").padEnd(AES_KEY_CHARACTERS, "0"),
  };
  const action = { id: builtAction("setUpAction").id, path };
  const { state } = await callAction(page, action, { organization: path.split("/")[2] ?? "", form });
  expect(state).toMatchObject({ status: "done" });
}

/** Runs syncs that fail in different ways while DingTalk quotes the request: the errors of jobs are stored. */
export async function failSyncs(caller: Caller, app: ConnectedApp, secrets: Secrets): Promise<void> {
  const token = await requestToken(app);
  const isFinished = async () => {
    const [runs] = await query<{ active: string }>(
      "SELECT count(*) FILTER (WHERE state IN ('queued', 'running')) AS active FROM sync_run WHERE organization_id = $1",
      [organizationOf(caller)],
    );
    return runs?.active;
  };
  await expect.poll(isFinished, { timeout: 30_000 }).toBe("0");
  for (const [path, fault] of [
    [LISTSUB, { kind: "errcode", errcode: 88, subCode: "60011", subMsg: `[${token}]` }],
    [LISTSUB, { kind: "errcode", errcode: 60_003, errmsg: token }],
    [LISTSUB, { kind: "errcode", errcode: 400_002, errmsg: token }],
    [LISTSUB, { kind: "body", body: `<html>${token}`, contentType: "text/html" }],
    [TOKEN, { kind: "status", status: 400, code: "invalidClientIdOrSecret", message: app.appSecret }],
  ] as const) {
    if (path === TOKEN) await revokeTokens(app.appKey);
    await withFault({ path, appKey: app.appKey, fault }, async () => {
      const before = (await callsOf(app.appKey)).length;
      await call(caller, "startSyncAction", { app: app.id });
      if (fault.kind === "body") {
        // A sync retries such a call for minutes.
        const calls = async () => (await callsOf(app.appKey)).slice(before).map((made) => made.path);
        await expect.poll(calls, { timeout: 30_000 }).toContain(path);
        const [active] = await query<{ id: string }>(
          "SELECT id FROM sync_run WHERE organization_id = $1 AND state = 'running'",
          [organizationOf(caller)],
        );
        await call(caller, "cancelSyncAction", { app: app.id, run: active?.id ?? "" });
      }
      await expect.poll(isFinished, { timeout: 30_000 }).toBe("0");
    });
  }
  secrets.marks["later access token"] = await requestToken(app);
}

function query<Row>(sql: string, values: unknown[]): Promise<Row[]> {
  return withDatabase(async (client) => (await client.query(sql, values)).rows as Row[]);
}

/** Opens URLs like a browser, and like Next's script, which requests only the payload. */
export async function openEverything(
  page: Page,
  addresses: readonly string[],
  answers: Answers,
): Promise<void> {
  // Next redirects requests for a payload to its URL.
  for (const address of addresses)
    for (const headers of [{ accept: "text/html" }, { rsc: "1" }])
      answers.add(await page.request.get(address, { headers }));
}
