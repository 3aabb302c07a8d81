import type { Page } from "@playwright/test";
import { findMarks } from "@/lib/testing/marks";
import type { Answers } from "./support/answers";
import { withDatabase } from "./support/database";
import {
  changePasswords,
  enterAppSecrets,
  enterCallbackSecrets,
  enterPasswords,
  failSyncs,
  openEverything,
  replaceAppSecret,
  Secrets,
} from "./support/enter-secrets";
import { enterSuiteSecrets } from "./support/enter-suite-secrets";
import { expect, makePerson, type Person, signUpByRequest, test } from "./support/fixtures";
import { builtRoutes, fillRoute } from "./support/routes";
import { type Caller, faultsQuoting, HANG, testThrough } from "./support/secret-places";
import { findTraces } from "./support/traces";

/** Stays below the ten connection tests per hour of an organization. */
const TESTS_PER_ORGANIZATION = 7;

/** Lists the answers that contain marks. A one-time link is named by its page. */
async function findInAnswers(answers: Answers, marks: Record<string, string>): Promise<string[]> {
  const found = (await answers.all()).flatMap(({ path, text }) =>
    findMarks(text, marks).map((name) => `${name} in the answer of ${path}`),
  );
  return [...new Set(found)].filter((one) => one !== "one-time link in the answer of /set-password");
}

async function addressesOf(path: string, app: string): Promise<string[]> {
  const { rows } = await withDatabase((client) =>
    client.query<{ id: string }>("SELECT id FROM sync_run WHERE app_id = $1 AND state = 'failed'", [app]),
  );
  expect(rows.length, "failed syncs").toBeGreaterThan(2);
  const organization = path.split("/")[2] ?? "";
  const all = builtRoutes().flatMap((route) =>
    rows.map(({ id }) =>
      fillRoute(route, { organization, app, run: id, event: id, webhook: id, attempt: id }),
    ),
  );
  return [...new Set(all)];
}

test("S21 no output, answer or table contains a secret, for every place of entry and every failure", async ({
  page,
  newBrowser,
  answers,
}) => {
  test.setTimeout(180_000);
  const secrets = new Secrets();
  const visible = secrets.mark("control");
  const newCaller = async (person: Person, own?: Page): Promise<Caller> => {
    const opened = own ?? (await (await newBrowser()).newPage());
    return { page: opened, path: await signUpByRequest(opened, person), answers };
  };
  const person = { ...makePerson(), organization: visible, password: secrets.make("password") };
  const caller = await newCaller(person, page);

  const secret = secrets.make("app secret that is quoted back");
  const ask = async (choose: typeof faultsQuoting) =>
    testThrough(await newCaller(makePerson()), secret, choose);
  const tests = Promise.all([
    ask((sent) => faultsQuoting(sent).slice(0, TESTS_PER_ORGANIZATION)),
    ask((sent) => faultsQuoting(sent).slice(TESTS_PER_ORGANIZATION)),
    ask(() => [HANG]),
  ]);
  const enter = async () => {
    await enterPasswords({ page: await (await newBrowser()).newPage(), answers }, person, secrets);
    const password = await changePasswords(caller, person, secrets);
    const app = await enterAppSecrets(caller, secrets);
    await replaceAppSecret(caller, app, password, secrets);
    await enterCallbackSecrets(caller, app, secrets);
    await failSyncs(caller, app, secrets);
    await openEverything(page, await addressesOf(caller.path ?? "", app.id), answers);
  };
  const enterSuite = async () => {
    const theirs = { ...makePerson(), password: secrets.make("password beside a suite") };
    const other = await newCaller(theirs);
    const id = await enterSuiteSecrets(other, theirs.password, secrets);
    const app = `${other.path}/apps/${id}`;
    await openEverything(other.page, [app, `${app}/settings`, `${app}/token`], answers);
  };
  const [tested] = await Promise.all([tests, enter(), enterSuite()]);
  for (const state of tested.flatMap(({ states }) => states))
    expect(state).toMatchObject({ status: "done", data: { isPassed: false } });
  for (const [at, token] of tested.flatMap(({ tokens }) => tokens).entries())
    secrets.marks[`access token ${at}`] = token;

  const { control: _, ...marks } = secrets.marks;
  expect(Object.keys(marks).length).toBeGreaterThan(15);
  expect((await findInAnswers(answers, { visible })).length, "control mark in answers").toBeGreaterThan(8);
  const traces = await findTraces(secrets.marks);
  expect(traces, "control mark in tables").toContain("control in public.organization");
  expect.soft(await findInAnswers(answers, marks)).toEqual([]);
  expect(traces.filter((trace) => !trace.startsWith("control in "))).toEqual([]);
});
