import { afterAll, describe, expect, test } from "vitest";
import { closeNotifications } from "@/lib/db/notifications";
import { asAdmin } from "@/lib/directory/tree/test-support/make-directory";
import {
  FIRST_SEEN,
  type Planted,
  plantApp,
  plantDepartments,
} from "@/lib/directory/tree/test-support/plant";
import { SharedSemaphore } from "@/lib/limits/shared-semaphore";
import { countConnections } from "@/lib/testing/connections";
import { makeService } from "@/lib/testing/service";
import { openSession } from "@/lib/testing/session";
import { GET as stream } from "../departments.ndjson/route";
import { GET as getAncestors } from "./[deptId]/ancestors/route";
import { GET as getOne } from "./[deptId]/route";
import { GET } from "./route";

afterAll(closeNotifications);

type Service = Awaited<ReturnType<typeof makeService>>;
type Page = {
  readonly departments: { id: string; removedAt: string | null }[];
  readonly nextCursor: string | null;
};

async function makeTree(departments: readonly Planted[]) {
  const service = await makeService();
  const { organizationId } = service.organization;
  const appId = await asAdmin(async (client) => {
    const app = await plantApp(client, organizationId);
    await plantDepartments(client, { organizationId, appId: app }, departments);
    return app;
  });
  return { service, appId, organizationId };
}

async function list(service: Service, appId: string, query = ""): Promise<Page> {
  const { status, body } = await service.call(GET, { params: { appId }, query });
  expect(status, JSON.stringify(body)).toBe(200);
  return body as Page;
}

const idsOf = ({ departments }: Page) => departments.map(({ id }) => id);
const many = (count: number) =>
  Array.from({ length: count }, (_, index): Planted => ({ id: index + 1, parent: index ? 1 : null }));

const SMALL: readonly Planted[] = [
  { id: 1, name: "集团" },
  { id: 2, parent: 1, name: "Sales", sourceIdentifier: "HR-2", order: 7n },
  { id: 3, parent: 1, name: "100%", isRemoved: true },
  { id: 4, parent: 2, name: "East sales" },
  { id: 9_007_199_254_740_993n, parent: 2, name: "large" },
];

describe("GET departments", () => {
  test("returns all departments with exact ids", async () => {
    const { service, appId } = await makeTree(SMALL);
    const { departments, nextCursor } = await list(service, appId);
    expect(departments.map(({ id }) => id)).toEqual(["1", "2", "4", "9007199254740993"]);
    expect(departments[1]).toEqual({
      id: "2",
      parentId: "1",
      name: "Sales",
      order: "7",
      sourceIdentifier: "HR-2",
      firstSeenAt: FIRST_SEEN,
      changedAt: FIRST_SEEN,
      removedAt: null,
      managers: null,
      details: null,
      detailsAt: null,
      members: { direct: 0, total: 0 },
    });
    expect(nextCursor).toBeNull();
  });

  test("filters by parent, by text, and by change time including removed departments", async () => {
    const { service, appId } = await makeTree(SMALL);
    expect(idsOf(await list(service, appId, "?parentId=2"))).toEqual(["4", "9007199254740993"]);
    expect(idsOf(await list(service, appId, "?q=SALES"))).toEqual(["2", "4"]);
    expect(idsOf(await list(service, appId, "?q=%25"))).toEqual([]);
    expect(idsOf(await list(service, appId, "?q=4"))).toEqual(["4"]);
    const since = await list(service, appId, `?updatedSince=${FIRST_SEEN}`);
    expect(idsOf(since)).toEqual(["1", "2", "3", "4", "9007199254740993"]);
    expect(since.departments[2]?.removedAt).toMatch(/Z$/);
    expect(idsOf(await list(service, appId, "?updatedSince=2026-03-02T09:02:03.001%2B08:00"))).toEqual([]);
  });

  test("finds departments by pinyin and initials, each once and ordered by id", async () => {
    const { service, appId } = await makeTree([...many(900), { id: 2_000, name: "销售部" }]);
    expect(idsOf(await list(service, appId, "?q=xiaoshou"))).toEqual(["2000"]);
    expect(idsOf(await list(service, appId, "?q=xsb&updatedSince=2026-01-01T00:00:00Z"))).toEqual(["2000"]);
    for (const q of ["bumen", "bm", "门", "BU'MEN"]) {
      const first = await list(service, appId, `?limit=600&q=${encodeURIComponent(q)}`);
      const second = await list(
        service,
        appId,
        `?limit=600&q=${encodeURIComponent(q)}&cursor=${first.nextCursor}`,
      );
      const expected = many(900).map(({ id }) => String(id));
      expect([...idsOf(first), ...idsOf(second)], q).toEqual(expected);
      expect(second.nextCursor).toBeNull();
    }
  });

  test("returns unchanged departments exactly once while others change between pages", async () => {
    const { service, appId, organizationId } = await makeTree(many(25));
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: Page = await list(service, appId, `?limit=10${cursor && `&cursor=${cursor}`}`);
      seen.push(...idsOf(page));
      cursor = page.nextCursor;
      await asAdmin(async (client) => {
        await client.query(
          "UPDATE department SET removed_at = now() WHERE app_id = $1 AND department_id = $2",
          [appId, seen.at(-1)],
        );
        await plantDepartments(client, { organizationId, appId }, [{ id: -seen.length }]);
      });
    }
    expect(seen).toEqual(many(25).map(({ id }) => String(id)));
  });

  test("rejects invalid queries, and returns 404 to another organization", async () => {
    const { service, appId } = await makeTree(SMALL);
    for (const query of ["?limit=0", "?limit=1001", "?parentId=x", "?cursor=01", "?q=", "?updatedSince=1"]) {
      expect((await service.call(GET, { params: { appId }, query })).status, query).toBe(422);
    }
    const stranger = await makeService();
    for (const [handler, more] of [
      [GET, {}],
      [stream, {}],
      [getOne, { deptId: "1" }],
      [getAncestors, { deptId: "1" }],
    ] as const) {
      const answer = await stranger.call(handler, { params: { appId, ...more } });
      expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
    }
  });
});

test("returns a department and its ancestors, and 404 for removed departments", async () => {
  const { service, appId } = await makeTree(SMALL);
  const one = (deptId: string) => service.call(getOne, { params: { appId, deptId } });
  const above = (deptId: string) => service.call(getAncestors, { params: { appId, deptId } });
  expect((await one("4")).body).toMatchObject({ id: "4", parentId: "2", name: "East sales" });
  expect((await above("4")).body).toEqual({
    ancestors: [
      { id: "1", name: "集团" },
      { id: "2", name: "Sales" },
    ],
  });
  expect((await above("1")).body).toEqual({ ancestors: [] });
  for (const deptId of ["3", "99", "x"]) {
    expect([(await one(deptId)).status, (await above(deptId)).status], deptId).toEqual([404, 404]);
  }
});

describe("GET departments as a stream", () => {
  const open = (service: Service, appId: string, signal?: AbortSignal, method = "GET") =>
    stream(
      new Request("http://localhost/api/v1/apps/x/departments.ndjson", {
        method,
        headers: { authorization: `Bearer ${service.key}` },
        ...(signal && { signal }),
      }),
      { params: Promise.resolve({ appId }) },
    );
  const linesOf = async (response: Response) =>
    (await response.text())
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const plantRun = (organizationId: string, appId: string, number: number, changed: number) =>
    asAdmin(async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `INSERT INTO sync_run (organization_id, id, app_id, number, state, trigger, changed)
         VALUES ($1, gen_random_uuid(), $2, $3, 'succeeded', 'manual', $4) RETURNING id`,
        [organizationId, appId, number, changed],
      );
      return rows[0]?.id;
    });

  test("sends a line per department and a last line with the count and the run", async () => {
    const { service, appId, organizationId } = await makeTree(many(2_500));
    const run = await plantRun(organizationId, appId, 1, 0);
    const response = await open(service, appId);
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = await linesOf(response);
    expect(lines.slice(0, -1).map(({ id }) => id)).toEqual(many(2_500).map(({ id }) => String(id)));
    expect(lines.at(-1)).toEqual({ end: true, run, count: 2_500, changed: false });
  });

  test.each([
    [0, false],
    [1, true],
  ])(
    "says in the last line whether the tree changed during the stream: %i changes",
    async (changes, changed) => {
      const { service, appId, organizationId } = await makeTree(many(1_500));
      await plantRun(organizationId, appId, 1, 5);
      const response = await open(service, appId);
      await plantRun(organizationId, appId, 2, changes);
      expect((await linesOf(response)).at(-1)).toMatchObject({ end: true, changed });
    },
  );

  test("uses no database connection and reads no more rows while the client of a stream does not read", async () => {
    const { service, appId } = await makeTree(many(5_500));
    const response = await open(service, appId);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    const { connectionsInUse } = await import("@/lib/testing/connections");
    await expect.poll(connectionsInUse).toBe(0);
    let batches = 0;
    const taken = await countConnections(async () => {
      for (let read = await reader.read(); !read.done; read = await reader.read()) batches += 1;
    });
    expect(batches).toBeGreaterThan(2);
    // Six batches and the end were left to read, at most two of which may be read ahead.
    expect(taken).toBeGreaterThanOrEqual(4);
  });

  test("allows two streams per key, and a third after one has ended", async () => {
    const { service, appId } = await makeTree(many(10));
    const [first, second] = [await open(service, appId), await open(service, appId)];
    const third = await open(service, appId);
    expect(third.status).toBe(429);
    expect(third.headers.get("retry-after")).toMatch(/^\d+$/);
    await first.body?.cancel();
    const controller = new AbortController();
    await expect.poll(async () => (await open(service, appId, controller.signal)).status).toBe(200);
    controller.abort();
    await linesOf(second);
    const after = await open(service, appId);
    expect(after.status).toBe(200);
    await after.body?.cancel();
  });

  test("counts a key's streams on all servers", async () => {
    const { service, appId } = await makeTree(many(10));
    const { query, close } = await openSession();
    const elsewhere = new SharedSemaphore(query);
    const name = `directory-streams/${service.keyId}`;
    expect(await elsewhere.take(name, 2)).not.toBeNull();
    const here = await open(service, appId);
    expect(here.status).toBe(200);
    expect((await open(service, appId)).status).toBe(429);
    await close();
    await expect.poll(async () => (await open(service, appId)).status).toBe(200);
    await here.body?.cancel();
  });

  test("ends the stream at once for a HEAD request", async () => {
    const { service, appId } = await makeTree(many(10));
    for (let turn = 0; turn < 3; turn++) {
      const head = await open(service, appId, undefined, "HEAD");
      expect([head.status, head.headers.get("content-type"), head.body]).toEqual([
        200,
        "application/x-ndjson",
        null,
      ]);
    }
  });

  test("S12 breaks the stream off without the last line when the key is revoked", async () => {
    const { service, appId } = await makeTree(many(3_500));
    const response = await open(service, appId);
    await service.revoke();
    await expect.poll(async () => (await service.call(GET, { params: { appId } })).status).toBe(401);
    await expect(response.text()).rejects.toThrow();
  });
});
