import { connect } from "node:net";
import { afterAll, afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { rememberMember, rememberSession } from "@/lib/auth/known-sessions";
import { env } from "@/lib/env";
import { ADDRESS_HEADER, PASS_HEADER } from "@/lib/request/internal-headers";
import { held, OWN, seen, send, serverPort } from "./test-support/in-front-of-next";

/** This key is known, and names its organization. */
vi.mock("@/lib/api-keys/authenticate-key", async (importOriginal) => ({
  ...(await importOriginal<typeof import("@/lib/api-keys/authenticate-key")>()),
  recentKey: (keyId: string) => (keyId === "" ? null : { keyId, organizationId: keyId.split("/")[0] }),
}));
afterAll(() => vi.doUnmock("@/lib/api-keys/authenticate-key"));

/** Next's answer to this URL waits until the test releases it. */
const HELD = "/o/abc/apps?holds";
const PERSONS = Array.from({ length: 40 }, (_, index) => `__Host-dingkeep.session=person${index}`);

const reached = () => expect.poll(() => seen.length);
/** Releases all answers, including those of requests that start meanwhile. */
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
/** Waits until this many are answered. */
function answered(answers: readonly Promise<unknown>[], count: number) {
  let done = 0;
  for (const answer of answers) void answer.then(() => (done += 1));
  return expect.poll(() => done).toBe(count);
}
const fromAddress = (address: string) => ({ "x-forwarded-for": address });
const statusesOf = <Answer extends { readonly status: number | undefined }>(answers: readonly Answer[]) =>
  Map.groupBy(answers, ({ status }) => status);

for (const cookie of PERSONS) rememberSession(cookie.split("=")[1] ?? "");

afterEach(() => {
  for (const release of held.splice(0)) release();
});

describe("load limits of pages", () => {
  test("runs four requests of a person at once, lets 28 wait, and refuses the rest", async () => {
    const answers = sendMany(40, () => ({ cookie: PERSONS[0] ?? "" }));
    await answered(answers, 8);
    expect(seen).toHaveLength(4);
    const statuses = statusesOf(await finish(answers));
    expect(statuses.get(200)).toHaveLength(32);
    const refused = statuses.get(429) ?? [];
    expect(refused).toHaveLength(8);
    expect(refused[0]).toMatchObject({ headers: { "retry-after": "2" }, body: '{"code":"rate_limited"}' });
  });

  test("runs another person's request while one person's requests wait", async () => {
    const answers = sendMany(10, () => ({ cookie: PERSONS[0] ?? "" }));
    await reached().toBe(4);
    answers.push(...sendMany(1, () => ({ cookie: PERSONS[1] ?? "" })));
    await reached().toBe(5);
    await finish(answers);
  });

  test("runs eight requests of an organization at once, not counting strangers' requests", async () => {
    for (const cookie of PERSONS.slice(0, 3)) rememberMember(cookie.split("=")[1] ?? "", "abc");
    const members = sendMany(12, (index) => ({ cookie: PERSONS[index % 3] ?? "" }));
    await reached().toBe(8);
    const strangers = sendMany(4, () => ({ cookie: PERSONS[9] ?? "" }));
    await reached().toBe(12);
    await finish([...members, ...strangers]);
  });

  test("runs 16 requests of an address at once, where an IPv6 /64 is one address", async () => {
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

  test("does not limit files and metrics", async () => {
    const paths = ["/metrics?holds", "/_next/static/x.js?holds"];
    const answers = paths.flatMap((path) => sendMany(20, () => ({ cookie: PERSONS[0] ?? "" }), path));
    await reached().toBe(40);
    await finish(answers);
  });
});

describe("load limits of machine routes", () => {
  const LIST = "/api/v1/apps?holds";
  const withKey = (key: string) => ({ authorization: `Bearer ${key}` });

  test("runs eight requests of a key at once, lets 100 wait, and refuses the rest", async () => {
    const answers = sendMany(120, () => withKey("org1/a"), LIST);
    await answered(answers, 12);
    expect(seen).toHaveLength(8);
    const statuses = statusesOf(await finish(answers));
    expect(statuses.get(200)).toHaveLength(108);
    const [refused] = statuses.get(429) ?? [];
    expect(refused?.headers).toMatchObject({
      "retry-after": "2",
      "content-type": "application/problem+json",
    });
    expect(JSON.parse(refused?.body ?? "")).toMatchObject({ status: 429, code: "rate_limited" });
  });

  test("runs another organization's request and token reads while a key's requests wait", async () => {
    const answers = sendMany(20, () => withKey("org1/a"), LIST);
    await reached().toBe(8);
    answers.push(...sendMany(1, () => withKey("org2/a"), LIST));
    await reached().toBe(9);
    expect(await send("GET", "/api/v1/apps/x/token", withKey("org1/a"))).toMatchObject({ status: 401 });
    await finish(answers);
  });

  test("runs 16 requests of an organization at once", async () => {
    const answers = sendMany(24, (index) => withKey(`org1/${index % 3}`), LIST);
    await reached().toBe(16);
    answers.push(...sendMany(1, () => withKey("org2/a"), LIST));
    await reached().toBe(17);
    await finish(answers);
  });

  test("does not count requests that wait for DingTalk or in a long poll", async () => {
    const answers = ["/dingtalk/user/get?holds", "/api/v1/apps/x/changes?wait=60&x=?holds"].flatMap((path) =>
      sendMany(20, () => withKey("org1/a"), path),
    );
    await reached().toBe(40);
    await finish(answers);
  });

  test("does not count streams, whose chunks take turns", async () => {
    const answers = sendMany(20, () => withKey("org1/a"), "/api/v1/apps?streams");
    await reached().toBe(20);
    await finish(answers);
  });
});

test.each([
  ["pages", "/reads", {}],
  ["the machine API", "/api/v1/reads", { authorization: "Bearer org1/a" }],
])(
  "a body that is sent slowly holds no place of %s against others at the same address",
  async (_, path, headers) => {
    const lines = Object.entries({ host: "x", origin: OWN, "content-length": "1000", ...headers });
    const head = `POST ${path} HTTP/1.1\r\n${lines.map((line) => line.join(": ")).join("\r\n")}\r\n\r\nx`;
    for (let sender = 0; sender < 16; sender += 1) {
      const socket = connect(serverPort(), "127.0.0.1", () => void socket.write(head));
      onTestFinished(() => void socket.destroy());
    }
    await reached().toBe(path === "/reads" ? 16 : 8);
    expect(await send("GET", path.replace("reads", "next"), headers)).toMatchObject({ status: 200 });
  },
  // Shorter than the 5 s after which every place is freed.
  4_000,
);

test("an open event stream holds no place, so a person can follow a sync run and use the console", async () => {
  const streams = sendMany(3, () => ({ cookie: PERSONS[0] ?? "" }), "/o/abc/syncs?streams");
  await reached().toBe(3);
  const answers = sendMany(5, () => ({ cookie: PERSONS[0] ?? "" }));
  await reached().toBe(7);
  await finish([...answers, ...streams]);
});

test("answers a page beyond the limit with a page that reloads itself", async () => {
  const headers = { cookie: PERSONS[0] ?? "", accept: "text/html", host: "dingkeep.example" };
  const answers = sendMany(33, () => ({ cookie: PERSONS[0] ?? "" }));
  await answered(answers, 1);
  const page = await send("GET", HELD, headers);
  expect(page).toMatchObject({ status: 429, headers: { "retry-after": "10" } });
  expect(page.body).toMatch(/Too many requests at once[^]*|同时进行的请求过多/);
  expect(page.body).toContain('<meta http-equiv="refresh" content="10">');
  await finish(answers);
});

test("S3 a request that Next makes itself keeps the client's address and needs no second place", async () => {
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

test("starts no page while connections are pending, each of which would wait a page longer", async () => {
  await send("GET", "/");
  const [{ server } = {}] = seen.splice(0);
  // A slow machine must not end the wait for connections.
  const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now());
  const begun: number[] = [];
  const note = () => void begun.push(seen.length);
  server?.on("connection", note);
  const sockets = Array.from({ length: 15 }, (_, index) => {
    const socket = connect(serverPort(), "127.0.0.1");
    socket.write(`GET / HTTP/1.1\r\nhost: x\r\ncookie: ${PERSONS[index]}\r\n\r\n`);
    return socket;
  });
  await reached().toBe(15);
  server?.off("connection", note);
  clock.mockRestore();
  for (const socket of sockets) socket.destroy();
  expect(begun).toEqual(Array.from({ length: 15 }, () => 0));
});

test("refuses a flood of strangers before any other check", async () => {
  Object.assign(env(), { TRUSTED_PROXIES: ["127.0.0.0/8"] });
  const answers = await Promise.all(sendMany(200, () => fromAddress("192.0.2.77"), "/sign-in"));
  const statuses = statusesOf(answers);
  expect(statuses.get(200)).toHaveLength(seen.length);
  expect(statuses.get(429)?.length).toBeGreaterThan(0);
});
