import { describe, expect, test } from "vitest";
import {
  findPerson,
  listDescendants,
  listLineage,
  listMembers,
  makeDirectory,
} from "./organization/directory";
import type { Directory } from "./organization/model";
import { ODD_DEPARTMENT_NAMES } from "./organization/names";

const NAME = "钉守科技集团";
const company = makeDirectory({ seed: 7, size: 3_000, name: NAME });
const departmentsOf = (directory: Directory) => [...directory.departments.values()];

describe("generated organizations", () => {
  test.each([0, 1, 2, 30, 999, 1_000, 3_000])(
    "an organization has %i departments below the root for that size",
    (size) => {
      const directory = makeDirectory({ seed: 3, size, name: NAME });
      const root = directory.departments.get(1);

      expect(directory.departments.size).toBe(size + 1);
      expect(root && listDescendants(directory, root)).toHaveLength(size);
    },
  );

  test("generates the same organization for the same seed, and another one for a different seed", () => {
    const again = makeDirectory({ seed: 7, size: 3_000, name: NAME });
    const other = makeDirectory({ seed: 8, size: 3_000, name: NAME });

    expect(departmentsOf(again)).toEqual(departmentsOf(company));
    expect(departmentsOf(other)).not.toEqual(departmentsOf(company));
    expect(findPerson(other, "manager0001")?.unionid).not.toBe(findPerson(company, "manager0001")?.unionid);
  });

  test("an organization has five to eight levels, and a department with more than 200 children", () => {
    const depths = departmentsOf(company).map(({ id }) => listLineage(company, id).length - 1);

    expect(Math.max(...depths)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...depths)).toBeLessThanOrEqual(8);
    expect(Math.max(...departmentsOf(company).map(({ childIds }) => childIds.length))).toBeGreaterThan(200);
  });

  test("an organization has unique names among siblings, as in DingTalk, and every odd name", () => {
    const names = departmentsOf(company).map(({ parentId, name }) => `${parentId} ${name}`);

    expect(new Set(names).size).toBe(names.length);
    for (const name of ODD_DEPARTMENT_NAMES) expect(names.join("\n")).toContain(name);
    expect(Math.max(...departmentsOf(company).map(({ name }) => name.length))).toBe(64);
  });

  test("an organization has ids beyond 32 bits and orders beyond 53 bits", () => {
    expect(departmentsOf(company).some(({ id }) => id > 2 ** 32)).toBe(true);
    expect(departmentsOf(company).some(({ order }) => order > 2n ** 53n)).toBe(true);
  });

  test("an organization has each person in all of their departments, and in each only once", () => {
    let inSeveral = 0;
    for (const department of departmentsOf(company)) {
      const members = listMembers(company, department);
      expect(new Set(members.map(({ userid }) => userid)).size).toBe(members.length);
      for (const person of members) {
        expect(person.memberships.map(({ deptId }) => deptId)).toContain(department.id);
        if (person.memberships.length > 1) inSeveral += 1;
        for (const { deptId } of person.memberships) {
          const other = company.departments.get(deptId);
          const isThere = other && listMembers(company, other).some(({ userid }) => userid === person.userid);
          if (person.memberships.length > 1) expect(isThere).toBe(true);
        }
      }
    }
    expect(inSeveral).toBeGreaterThan(500);
  });

  test("finds each generated person by userid, and nobody else", () => {
    const directory = makeDirectory({ seed: 7, size: 30, name: NAME });
    for (const department of departmentsOf(directory)) {
      for (const person of listMembers(directory, department))
        expect(findPerson(directory, person.userid)).toEqual(person);
    }
    for (const userid of ["", "x", "0000000000000000", ...secondNames(directory)]) {
      expect(findPerson(directory, userid)).toBeNull();
    }
  });
});

/** Makes userids with the numbers of real ones plus 2^32. */
function secondNames(directory: Directory): string[] {
  const root = directory.departments.get(1);
  const userids = root ? listMembers(directory, root).map(({ userid }) => userid) : [];
  return userids
    .filter((userid) => /^\d{16}$/.test(userid))
    .map((userid) => `${userid.slice(0, 6)}${String(Number(userid.slice(6)) + 2 ** 32).padStart(10, "0")}`);
}
