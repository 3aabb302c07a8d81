import { between, hashOf, mulberry32, pick, type Random } from "../random";
import type { Department } from "./model";
import { ROOT_ID } from "./model";
import { CENTRES, CITIES, DIVISIONS, FUNCTIONS, ODD_DEPARTMENT_NAMES, SQUADS, STREETS, TEAMS } from "./names";

/** Departments of the named sizes. */
export const SIZES = { small: 30, company: 3_000, group: 20_000 } as const;

/** Levels below the root. */
const DEPTH_MAX = 8;
/** From this size on, one department has more than 200 children. */
const WIDE_FROM_SIZE = 1_000;
const ODD_FROM_SIZE = 20;
/** With all odd names, a small organization would be unrealistic. */
const MANY_ODD_FROM_SIZE = 100;
const FEW_ODD = 4;
/**
 * A real `order` value beyond 2^53.
 *
 * @see docs/dingtalk/conventions.md#decoding-answers
 */
const HUGE_ORDER = 176_318_668_975_061_512n;

type Node = {
  readonly department: Department;
  readonly depth: number;
  /** Departments to create below it. */
  readonly budget: number;
  /** The part of the budget for the department of shops. */
  readonly shopBudget: number;
  readonly isShops: boolean;
};

/**
 * Generates a tree of `size` departments below the root, always the same one for the same seed.
 *
 * @returns the departments by ordinal, the root first
 */
export function generateTree(seed: number, size: number, name: string): Department[] {
  const random = mulberry32(seed);
  const root: Department = { id: ROOT_ID, ordinal: 0, parentId: null, name, order: 0n, childIds: [] };
  const departments = [root];
  const nodes: Node[] = [
    { department: root, depth: 0, budget: size, shopBudget: shopsOf(size), isShops: false },
  ];
  for (const node of nodes) {
    for (const child of childrenOf(node, size, random)) {
      const department = makeChild(seed, {
        ordinal: departments.length,
        parentId: node.department.id,
        name: child.name,
      });
      departments.push(department);
      node.department.childIds.push(department.id);
      nodes.push({ ...child, department, depth: node.depth + 1 });
    }
  }
  if (size >= ODD_FROM_SIZE) giveOddNames(departments, random);
  sortChildren(departments);
  return departments;
}

const shopsOf = (size: number): number =>
  size < WIDE_FROM_SIZE ? 0 : 220 + Math.min(200, Math.floor(size / 500));

type Child = Pick<Node, "budget" | "shopBudget" | "isShops"> & { readonly name: string };

function childrenOf(node: Node, size: number, random: Random): Child[] {
  if (node.isShops) {
    return Array.from({ length: node.budget }, (_, index) => leaf(shopName(index)));
  }
  const hasShops = node.depth === 1 && node.shopBudget > 0;
  const reserved = hasShops ? node.shopBudget + 1 : node.shopBudget;
  const budget = node.budget - reserved;
  const wanted = node.depth + 1 >= DEPTH_MAX ? budget : fanOut(node.depth, size, random);
  const count = Math.max(Math.min(wanted, budget), 0);
  const shares = splitBudget(budget - count, count, random);
  const start = node.depth === 0 ? 0 : between(random, 0, 30);
  const children: Child[] = shares.map((share, index) => ({
    ...leaf(nameOf(node, start, index)),
    budget: share,
  }));
  if (hasShops)
    children.push({ name: "门店运营中心", budget: node.shopBudget, shopBudget: 0, isShops: true });
  const retail = children[1];
  if (node.depth === 0 && node.shopBudget > 0 && retail) {
    // The whole subtree of shops counts towards the retail division.
    const shopBudget = node.shopBudget - 1;
    children[1] = { ...retail, budget: retail.budget + node.shopBudget, shopBudget };
  }
  return children;
}

const leaf = (name: string): Child => ({ name, budget: 0, shopBudget: 0, isShops: false });

function fanOut(depth: number, size: number, random: Random): number {
  // Larger organizations are wider rather than deeper.
  if (depth > 0) return size < 10_000 ? between(random, 2, 6) : between(random, 3, 9);
  return size < 100 ? between(random, 5, 7) : between(random, 9, DIVISIONS.length);
}

/** Splits the rest among the children, unevenly as in real organizations. */
function splitBudget(budget: number, count: number, random: Random): number[] {
  const weights = Array.from({ length: count }, () => random() ** 2 + 0.05);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => Math.floor((budget * weight) / total));
  const shared = shares.reduce((sum, share) => sum + share, 0);
  if (shares[0] !== undefined) shares[0] += budget - shared;
  return shares;
}

function nameOf(node: Node, start: number, index: number): string {
  const pool = poolOf(node);
  const round = Math.floor(index / pool.length);
  const name = pick(pool, start + index);
  return round === 0 ? name : `${name}（${round + 1}）`;
}

const BRANCHES = CITIES.map((city) => `${city}分公司`);

function poolOf({ department, depth }: Node): readonly string[] {
  if (depth === 0) return DIVISIONS;
  if (depth === 1) return department.name.endsWith("大区") ? BRANCHES : CENTRES;
  if (depth === 2) return FUNCTIONS;
  return depth === 3 ? TEAMS : SQUADS;
}

function shopName(index: number): string {
  const street = pick(STREETS, Math.floor(index / CITIES.length));
  const round = Math.floor(index / (CITIES.length * STREETS.length));
  return `${pick(CITIES, index)}${street}${round === 0 ? "" : `第${round + 1}`}店`;
}

type Place = { readonly ordinal: number; readonly parentId: number; readonly name: string };

function makeChild(seed: number, { ordinal, parentId, name }: Place): Department {
  const isSmallOrder = hashOf(seed, ordinal, 11) % 3 === 0;
  const order = isSmallOrder ? BigInt(ordinal * 10) : HUGE_ORDER + BigInt(ordinal) * 1_000_003n;
  return { id: departmentIdOf(seed, ordinal), ordinal, parentId, name, order, childIds: [] };
}

const ID_BITS = 29;

/**
 * Returns an id that reveals neither age nor position. Multiplication by an odd number and XOR are both invertible, so
 * ids are unique. Some ids need more than 32 bits.
 */
function departmentIdOf(seed: number, ordinal: number): number {
  const mask = 2 ** ID_BITS - 1;
  const scrambled = (Math.imul(ordinal, 0x2c1b3c6d) ^ hashOf(seed, 7)) & mask;
  const isLong = ordinal % 61 === 0;
  return 10_000_000 + scrambled + (isLong ? 2 ** 33 : 0);
}

/** Renames leaves only, because their names are part of no other name. */
function giveOddNames(departments: readonly Department[], random: Random): void {
  const leaves = departments.filter(
    (department) => department.childIds.length === 0 && department.ordinal !== 0,
  );
  const count = departments.length < MANY_ODD_FROM_SIZE ? FEW_ODD : ODD_DEPARTMENT_NAMES.length;
  for (const name of ODD_DEPARTMENT_NAMES.slice(0, count)) {
    const at = Math.floor(random() * leaves.length);
    const [chosen] = leaves.splice(at, 1);
    if (chosen) chosen.name = name;
  }
}

function sortChildren(departments: readonly Department[]): void {
  const orders = new Map(departments.map(({ id, order }) => [id, order]));
  for (const { childIds } of departments) {
    childIds.sort((a, b) => compareOrder([orders.get(a) ?? 0n, a], [orders.get(b) ?? 0n, b]));
  }
}

/** Compares by rank, then by id. */
export function compareOrder(a: readonly [bigint, number], b: readonly [bigint, number]): number {
  if (a[0] === b[0]) return a[1] - b[1];
  return a[0] < b[0] ? -1 : 1;
}

/** Returns whether a department is hidden, external, has a group chat or a source identifier: always the same for its id. */
export function traitsOf({ seed }: { readonly seed: number }, { id }: Department) {
  const hash = hashOf(seed, id, 71);
  return {
    hasGroup: hash % 3 === 0,
    isHidden: hash % 41 === 0,
    isOuter: hash % 43 === 0,
    sourceIdentifier: hash % 4 === 0 ? `HR-${id}` : undefined,
    isUnlisted: hash % 10 === 0,
  };
}
