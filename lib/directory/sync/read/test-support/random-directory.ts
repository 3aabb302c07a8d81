import fc from "fast-check";
import { type FakeDirectory, fakeDirectory } from "./fake-directory";

/** A change of a directory after a number of calls. */
export type Mutation = {
  readonly at: number;
  readonly kind: "add" | "move" | "remove" | "addPerson" | "movePerson" | "removePerson";
  readonly which: number;
  readonly where: number;
};

/** A tree by parents, members by places, and whether the tree comes in one answer. */
export const organizations = fc.record({
  parents: fc.array(fc.nat(), { minLength: 1, maxLength: 14 }),
  people: fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 2 }), { maxLength: 12 }),
  isWhole: fc.boolean(),
  hasDetails: fc.boolean(),
});

export const mutations = fc.array(
  fc.record<Mutation>({
    at: fc.nat(50),
    kind: fc.constantFrom("add", "move", "remove", "addPerson", "movePerson", "removePerson"),
    which: fc.nat(),
    where: fc.nat(),
  }),
  { maxLength: 6 },
);

type Organization = typeof organizations extends fc.Arbitrary<infer Value> ? Value : never;

export function makeDirectory({ parents, people, isWhole }: Organization): FakeDirectory {
  const tree: Record<string, string | null> = { 1: null };
  for (const [n, parent] of parents.entries()) tree[n + 2] = String((parent % (n + 1)) + 1);
  const fake = fakeDirectory(tree);
  const ids = Object.keys(tree);
  for (const [n, places] of people.entries()) {
    fake.people.set(`u${n}`, [...new Set(places.map((place) => ids[place % ids.length] ?? "1"))]);
  }
  if (isWhole) fake.allowWhole();
  return fake;
}

export function lineOf(parents: ReadonlyMap<string, string | null>, id: string): string[] {
  const line: string[] = [];
  for (let at: string | null = id; at !== null && !line.includes(at); at = parents.get(at) ?? null)
    line.push(at);
  return line;
}

/** Applies a mutation. @returns the departments and people that it changed */
export function mutate({ parents, people }: FakeDirectory, { kind, which, where }: Mutation): string[] {
  const pick = (from: readonly string[], n: number) => from[n % from.length] ?? "";
  const below = (id: string) => [...parents.keys()].filter((each) => lineOf(parents, each).includes(id));
  const id = pick([...parents.keys()], which);
  const target = pick([...parents.keys()], where);
  const person = people.size > 0 ? pick([...people.keys()], which) : null;
  if (kind === "add") {
    const added = String(100 + parents.size + which * 1_000);
    parents.set(added, target);
    return [added];
  }
  if (kind === "addPerson") {
    people.set(`new${which}`, [target]);
    return [`new${which}`];
  }
  if (kind === "move") {
    if (id === "1" || below(id).includes(target)) return [];
    parents.set(id, target);
    return [id];
  }
  if (kind === "remove") {
    if (id === "1") return [];
    const removed = below(id);
    const touched = [...removed];
    for (const each of removed) parents.delete(each);
    for (const [userId, places] of people) {
      const left = places.filter((place) => parents.has(place));
      if (left.length === places.length) continue;
      people.set(userId, left.length > 0 ? left : ["1"]);
      touched.push(userId);
    }
    return touched;
  }
  if (person === null) return [];
  if (kind === "removePerson") people.delete(person);
  else people.set(person, [target]);
  return [person];
}
