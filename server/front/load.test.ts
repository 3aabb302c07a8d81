import { connect } from "node:net";
import { afterAll, afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { rememberMember, rememberPerson } from "@/lib/auth/known-members";
import { env } from "@/lib/env";
import { ADDRESS_HEADER, PASS_HEADER } from "@/lib/request/headers";
import { held, OWN, seen, send, serverPort } from "./test-support/in-front-of-next";

/** A key is known here, and names its organization. */
vi.mock("@/lib/api-keys/find-key", async (importOriginal) => ({
  ...(await importOriginal<typeof import("@/lib/api-keys/find-key")>()),
  knownKey: (keyId: string) => (keyId === "" ? null : { keyId, organizationId: keyId.split("/")[0] }),
}));
afterAll(() => vi.doUnmock("@/lib/auth/keys/find-key"));

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
const statusesOf = <Answer extends { readonly status: number | undefined }>(answers: readonly Answer[]) =>
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

  test("requests for files and metrics without a limit", async () => {
    const paths = ["/metrics?holds", "/_next/static/x.js?holds"];
    const answers = paths.flatMap((path) => sendMany(20, () => ({ cookie: PERSONS[0] ?? "" }), path));
    await reached().toBe(40);
    await finish(answers);
  });
});

describe("of machines' requests, the server works on", () => {
  const LIST = "/api/v1/apps?holds";
  const withKey = (key: string) => ({ authorization: `Bearer ${key}` });

  test("eight of a key at once; 100 wait, and the rest are told to come back", async () => {
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

  test("another organization's request and reads of tokens while a key's requests wait", async () => {
    const answers = sendMany(20, () => withKey("org1/a"), LIST);
    await reached().toBe(8);
    answers.push(...sendMany(1, () => withKey("org2/a"), LIST));
    await reached().toBe(9);
    expect(await send("GET", "/api/v1/apps/x/token", withKey("org1/a"))).toMatchObject({ status: 401 });
    await finish(answers);
  });

  test("16 of an organization at once", async () => {
    const answers = sendMany(24, (index) => withKey(`org1/${index % 3}`), LIST);
    await reached().toBe(16);
    answers.push(...sendMany(1, () => withKey("org2/a"), LIST));
    await reached().toBe(17);
    await finish(answers);
  });

  test("as many as wait for DingTalk or for news, which is no work", async () => {
    const answers = ["/dingtalk/user/get?holds", "/api/v1/apps/x/changes?wait=60&x=?holds"].flatMap((path) =>
      sendMany(20, () => withKey("org1/a"), path),
    );
    await reached().toBe(40);
    await finish(answers);
  });

  test("as many as stream, whose chunks take turns", async () => {
    const answers = sendMany(20, () => withKey("org1/a"), "/api/v1/apps?streams");
    await reached().toBe(20);
    await finish(answers);
  });
});

test.each([
  ["pages", "/reads", {}],
  ["the machine API", "/api/v1/reads", { authorization: "Bearer org1/a" }],
])(
  "a body that is sent slowly keeps no place of %s from others of the same address",
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
  // Shorter than the 5 s after which any place is given back.
  4_000,
);

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

test("begins no page while connections wait to be accepted, for each would then wait a page longer", async () => {
  await send("GET", "/");
  const [{ server } = {}] = seen.splice(0);
  // A slow machine doesn't end the wait for connections.
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

test("refuses a flood of strangers before anything else sees it", async () => {
  Object.assign(env(), { TRUSTED_PROXIES: ["127.0.0.0/8"] });
  const answers = await Promise.all(sendMany(200, () => fromAddress("192.0.2.77"), "/sign-in"));
  const statuses = statusesOf(answers);
  expect(statuses.get(200)).toHaveLength(seen.length);
  expect(statuses.get(429)?.length).toBeGreaterThan(0);
});
