import { afterEach, describe, expect, test } from "vitest";
import { rememberMember, rememberPerson } from "@/lib/auth/known-members";
import { env } from "@/lib/env";
import { ADDRESS_HEADER, PASS_HEADER } from "@/lib/http/headers";
import { held, seen, send } from "./test-support/in-front-of-next";

/** The answer of Next to these waits until the test lets it go. */
const HELD = "/o/abc/apps?holds";
const PERSONS = Array.from({ length: 40 }, (_, index) => `__Host-dingkeep.session=person${index}`);

const reached = () => expect.poll(() => seen.length);
/** Lets all answers go, also those of requests that start meanwhile. */
async function finish<T>(answers: readonly Promise<T>[]): Promise<T[]> {
  const timer = setInterval(() => held.splice(0).forEach((release) => release()), 5);
  try {
    return await Promise.all(answers);
  } finally {
    clearInterval(timer);
  }
}
const sendMany = (count: number, headers: (index: number) => Record<string, string>, path = HELD) =>
  Array.from({ length: count }, (_, index) => send("GET", path, headers(index)));
/** Waits until so many of them are answered. */
function answered(answers: readonly Promise<unknown>[], count: number) {
  let done = 0;
  for (const answer of answers) void answer.then(() => (done += 1));
  return expect.poll(() => done).toBe(count);
}
const fromAddress = (address: string) => ({ "x-forwarded-for": address });
const statusesOf = (answers: readonly { readonly status: number | undefined }[]) =>
  Map.groupBy(answers, ({ status }) => status);

for (const cookie of PERSONS) rememberPerson(cookie.split("=")[1] ?? "");

afterEach(() => {
  for (const release of held.splice(0)) release();
});

describe("the server works on", () => {
  test("four requests of a person at once; 28 wait, and the rest are told to come back", async () => {
    const answers = sendMany(40, () => ({ cookie: PERSONS[0] ?? "" }));
    await answered(answers, 8);
    expect(seen).toHaveLength(4);
    const statuses = statusesOf(await finish(answers));
    expect(statuses.get(200)).toHaveLength(32);
    const refused = statuses.get(429) ?? [];
    expect(refused).toHaveLength(8);
    expect(refused[0]).toMatchObject({ headers: { "retry-after": "2" }, body: '{"code":"rate_limited"}' });
  });

  test("another person's request while one person's wait", async () => {
    const answers = sendMany(10, () => ({ cookie: PERSONS[0] ?? "" }));
    await reached().toBe(4);
    answers.push(...sendMany(1, () => ({ cookie: PERSONS[1] ?? "" })));
    await reached().toBe(5);
    await finish(answers);
  });

  test("eight requests of an organization at once, for which strangers' requests don't count", async () => {
    for (const cookie of PERSONS.slice(0, 3)) rememberMember(cookie.split("=")[1] ?? "", "abc");
    const members = sendMany(12, (index) => ({ cookie: PERSONS[index % 3] ?? "" }));
    await reached().toBe(8);
    const strangers = sendMany(4, () => ({ cookie: PERSONS[9] ?? "" }));
    await reached().toBe(12);
    await finish([...members, ...strangers]);
  });

  test("16 requests of an address at once, and an IPv6 /64 is one", async () => {
    Object.assign(env(), { TRUSTED_PROXIES: ["127.0.0.0/8"] });
    const answers = sendMany(20, (index) => ({
      cookie: PERSONS[index] ?? "",
      ...fromAddress(`2001:db8:1:2::${index + 1}`),
    }));
    await reached().toBe(16);
    answers.push(...sendMany(1, () => fromAddress("2001:db8:1:3::1")));
    await reached().toBe(17);
    await finish(answers);
  });

  test("requests of machines, probes and files without a limit", async () => {
    const paths = ["/api/v1/apps?holds", "/dingtalk/x?holds", "/metrics?holds", "/_next/static/x.js?holds"];
    const answers = paths.flatMap((path) => sendMany(10, () => ({ cookie: PERSONS[0] ?? "" }), path));
    await reached().toBe(40);
    await finish(answers);
  });
});

test("an open event stream takes no place, so that a person can follow a run and use the console", async () => {
  const streams = sendMany(3, () => ({ cookie: PERSONS[0] ?? "" }), "/o/abc/syncs?streams");
  await reached().toBe(3);
  const answers = sendMany(5, () => ({ cookie: PERSONS[0] ?? "" }));
  await reached().toBe(7);
  await finish([...answers, ...streams]);
});

test("a person who opens a page beyond the limit gets a page that loads again by itself", async () => {
  const headers = { cookie: PERSONS[0] ?? "", accept: "text/html", host: "dingkeep.example" };
  const answers = sendMany(33, () => ({ cookie: PERSONS[0] ?? "" }));
  await answered(answers, 1);
  const page = await send("GET", HELD, headers);
  expect(page).toMatchObject({ status: 429, headers: { "retry-after": "10" } });
  expect(page.body).toMatch(/Too many requests at once[^]*|同时进行的请求过多/);
  expect(page.body).toContain('<meta http-equiv="refresh" content="10">');
  await finish(answers);
});

test("S3 a request that Next makes itself keeps the client's address and needs no place of its own", async () => {
  const cookie = PERSONS[0] ?? "";
  const answers = sendMany(4, () => ({ cookie, "x-forwarded-for": "198.51.100.7" }));
  await reached().toBe(4);
  const { [PASS_HEADER]: pass = "", [ADDRESS_HEADER]: address = "" } = seen[0]?.headers ?? {};
  const own = { cookie, [PASS_HEADER]: String(pass), [ADDRESS_HEADER]: "203.0.113.9" };
  const inner = await send("GET", "/o/abc/page", own);
  expect(inner.status).toBe(200);
  expect(seen.at(-1)?.headers[ADDRESS_HEADER]).toBe("203.0.113.9");
  const forged = send("GET", "/o/abc/forged", { ...own, cookie: "", [PASS_HEADER]: "guessed" });
  await reached().toBe(6);
  expect(seen.at(-1)?.headers[ADDRESS_HEADER]).toBe(address);
  await finish([...answers, forged]);
});
