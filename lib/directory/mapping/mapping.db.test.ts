import { describe, expect, test } from "vitest";
import { grant, grantIfAllowed } from "@/lib/auth/actor";
import { listPeople } from "../members/list-people";
import { plantPeople } from "../members/test-support/plant-people";
import { sealPersonal } from "../personal/test-support/seal";
import { asAdmin, makeDirectory } from "../tree/test-support/make-directory";
import { checkSources } from "./check-mapping";
import { MAPPED, targetsOf } from "./default-mapping";
import { mapPerson } from "./map-person";
import { getMapping } from "./preview-mapping";
import { saveMapping } from "./save-mapping";
import { parseSource, SOURCE_FIELDS, sourceText } from "./sources";

describe("sources of a mapping", () => {
  test("the default sources are valid, even when personal values aren't stored", () => {
    for (const mapped of MAPPED) {
      const given = Object.fromEntries(
        targetsOf(mapped).map(({ name, source }) => [`${mapped}.${name}`, source]),
      );
      expect(checkSources(mapped, given, { keepsPersonal: false })).toEqual({ chosen: {}, wrong: {} });
    }
  });

  test("parses and serializes a source to the same text", () => {
    for (const text of [...SOURCE_FIELDS.map((one) => `field:${one}`), "extension:a:b", "constant:", ""]) {
      const source = parseSource(text);
      expect(typeof source === "string" ? source : sourceText(source)).toBe(text);
    }
  });

  test.each([
    ["api.title", "field:salary", "sourceUnknown"],
    ["api.title", "title", "sourceUnknown"],
    ["api.title", "field:__proto__", "sourceUnknown"],
    ["api.title", "extension: ", "extensionKey"],
    ["api.title", `extension:${"x".repeat(65)}`, "extensionKey"],
    ["api.title", `constant:${"x".repeat(257)}`, "constantLong"],
    ["api.isActive", "field:title", "sourceNoFlag"],
    ["api.isActive", "constant:maybe", "sourceNoFlag"],
    ["scim.userName", "", "sourceNeeded"],
    ["api.title", "extension:花名", "personalNotKept"],
    ["api.title", "field:mobile", "personalNotKept"],
  ])("the output %s can't come from %s: %s", (field, source, expected) => {
    const mapped = field.startsWith("scim") ? "scim" : "api";
    const { wrong, chosen } = checkSources(mapped, { [field]: source }, { keepsPersonal: false });
    expect([wrong, chosen]).toEqual([{ [field]: expected }, {}]);
  });
});

async function makeWorld({ keepsPersonal = true } = {}) {
  const directory = await makeDirectory([
    { id: 1, name: "集团" },
    { id: 2, name: "研发" },
  ]);
  const { organizationId, appId } = directory;
  await asAdmin(async (client) => {
    await client.query("UPDATE organization SET keeps_personal = $2 WHERE organization_id = $1", [
      organizationId,
      keepsPersonal,
    ]);
    const members = [
      { id: "a", name: "甲" },
      { id: "b", name: "乙" },
      { id: "c", name: "丙" },
      {
        id: "z",
        name: "丁",
        title: "工程师",
        places: [{ id: 1 }, { id: 2 }],
        personal: { mobile: "138", extension: '{"花名":"逍遥","等级":7,"__proto__":"x"}' },
      },
      { id: "gone", removedAt: new Date() },
    ];
    await plantPeople(client, directory, { members, seal: sealPersonal });
  });
  const admin = grant({ organizationId, role: "admin", userId: null }, "app.change");
  const personal = grantIfAllowed(admin, "directory.readPersonal");
  const reader = grantIfAllowed(admin, "directory.read");
  if (!reader) throw new Error("an admin may read");
  const save = (given: Record<string, string>) =>
    saveMapping(admin, appId, { mapped: "api", given, isSave: true });
  return { appId, admin, reader, personal, save };
}

test("saves one output's mapping without changing the others, and previews three real members", async () => {
  const { appId, admin, reader, personal, save } = await makeWorld();
  const given = { "api.title": "extension:花名", "api.jobNumber": "constant:=1+1", "api.mobile": "" };
  expect(await save(given)).toEqual({ ok: true, value: null });
  const scim = { mapped: "scim", given: { "scim.nickName": "extension:等级" }, isSave: true } as const;
  expect(await saveMapping(admin, appId, scim)).toEqual({ ok: true, value: null });

  const shown = await getMapping(reader, appId, { mapped: "api", personal });
  expect(shown.preview.map(({ name }) => name)).toEqual(["甲", "乙", "丁"]);
  expect(shown.preview[2]?.fields).toMatchObject({ title: "逍遥", jobNumber: "=1+1", name: "丁" });
  expect(shown.preview[2]?.fields).not.toHaveProperty("mobile");
  expect(shown.preview[0]?.fields).toMatchObject({ title: null, jobNumber: "=1+1" });
  const tried = await getMapping(reader, appId, {
    mapped: "api",
    personal,
    given: { "api.title": "extension:__proto__", "api.remark": "field:departments" },
  });
  expect(tried.preview[2]?.fields).toMatchObject({ title: "x", remark: "集团; 研发" });

  const page = await listPeople(reader, appId, { limit: 9, personal });
  const last = page.people.at(-1);
  if (!last) throw new Error("no member");
  expect(mapPerson(last, page.rules.mapping, "scim").get("nickName")).toBe("7");
  // Every value of the extension is personal (S33).
  const without = await listPeople(reader, appId, { limit: 9, personal: null });
  for (const person of without.people) {
    expect(mapPerson(person, without.rules.mapping, "api").has("title")).toBe(false);
  }
});

test("saves nothing when one source is invalid, and rejects personal sources when they aren't stored", async () => {
  const { appId, reader, personal, save } = await makeWorld({ keepsPersonal: false });
  const wrong = await save({ "api.title": "field:mobile", "api.name": "constant:X" });
  expect(wrong).toEqual({ ok: false, error: { "api.title": "personalNotKept" } });
  const { fields, keepsPersonal } = await getMapping(reader, appId, { mapped: "api", personal });
  expect(fields.find(({ name }) => name === "name")?.source).toBe("field:name");
  expect(keepsPersonal).toBe(false);
});
