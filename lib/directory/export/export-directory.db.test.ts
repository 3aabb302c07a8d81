import { expect, test } from "vitest";
import { grant, grantIfAllowed } from "@/lib/auth/actor";
import type { PlantedPerson } from "../members/test-support/plant-people";
import { plantPeople } from "../members/test-support/plant-people";
import { sealPersonal } from "../personal/test-support/seal";
import type { PersonalAccess } from "../personal/visibility";
import { asAdmin, makeDirectory } from "../tree/test-support/make-directory";
import { exportDirectory } from "./export-directory";

const LI: PlantedPerson = {
  id: "li",
  name: "=1+1",
  places: [{ id: 2 }, { id: 1 }],
  personal: { mobile: "13800001234", email: "li@example.com" },
};

async function makeWorld(members: readonly PlantedPerson[], keepsPersonal: boolean) {
  const directory = await makeDirectory([
    { id: 1, name: "集团" },
    { id: 2, parent: 1, name: "研发, 二部" },
    { id: 3, parent: 1, isRemoved: true },
  ]);
  await asAdmin(async (client) => {
    await client.query("UPDATE organization SET keeps_personal = $2 WHERE organization_id = $1", [
      directory.organizationId,
      keepsPersonal,
    ]);
    await plantPeople(client, directory, { members, seal: sealPersonal });
  });
  const { organizationId, appId, actor } = directory;
  const text = async (
    what: "members" | "departments",
    format: "csv" | "ndjson",
    personal: PersonalAccess = "masked",
  ) => {
    const parts: string[] = [];
    const file = { what, format, personal, titleOf: (column: string) => `[${column}]` };
    for await (const part of exportDirectory(actor, appId, file)) parts.push(part);
    return parts.join("");
  };
  const admin = grantIfAllowed(
    grant({ organizationId, role: "admin", userId: null }, "app.read"),
    "directory.readPersonal",
  );
  return { text, admin };
}

test("exports departments as CSV for Excel, and as NDJSON with an end line", async () => {
  const { text } = await makeWorld([], false);
  expect(await text("departments", "csv")).toBe(
    `\ufeff[id],[parentId],[name],[order],[sourceIdentifier],[managers],[membersDirect],[membersTotal],[detailsAt]\r\n1,,集团,,,,0,0,\r\n2,1,"研发, 二部",,,,0,0,\r\n`,
  );
  const lines = (await text("departments", "ndjson")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { id: "1" },
    { id: "2" },
    { end: true, count: 2 },
  ]);
});

test("S33 exports personal columns with the permission, masked for viewers, and only if they are stored", async () => {
  const { text, admin } = await makeWorld([LI], true);
  const full = await text("members", "csv", admin);
  expect(full).toContain("[mobile]");
  expect(full).toContain(`li,'=1+1,,,,"集团; 研发, 二部",`);
  expect(full).toContain("13800001234");
  expect(full).toContain("1; 2\r\n");
  const masked = await text("members", "csv");
  expect(masked).toContain("138****1234");
  expect(masked).not.toMatch(/13800001234|li@example/);
  expect(await text("members", "ndjson")).not.toMatch(/13800001234|li@example/);
  const without = await (await makeWorld([LI], false)).text("members", "csv", admin);
  expect(without).not.toMatch(/\[mobile\]|\[email\]|1380/);
});

test("NDJSON has booleans for flags, and null for unknown ones", async () => {
  const people = [{ id: "li" }, { id: "wu", isActive: false }];
  const { text } = await makeWorld(people, false);
  const [li = "", wu = ""] = (await text("members", "ndjson")).split("\n");
  expect(JSON.parse(li)).toMatchObject({ userId: "li", isActive: true, isAdmin: null });
  expect(JSON.parse(wu)).toMatchObject({ userId: "wu", isActive: false });
  expect(await text("members", "csv")).toMatch(/\nwu,.*,false,/);
});

test("exports an empty directory as a header line, and more than one batch completely", async () => {
  expect(await (await makeWorld([], false)).text("members", "csv")).toMatch(/^\ufeff\[userId\],.*\r\n$/);
  const many = Array.from({ length: 1_001 }, (_, n) => ({ id: `u${String(n).padStart(4, "0")}` }));
  const lines = (await (await makeWorld(many, false)).text("members", "ndjson")).trimEnd().split("\n");
  expect(lines).toHaveLength(1_002);
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ end: true, revision: 0, count: 1_001, changed: false });
});
