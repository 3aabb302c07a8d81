import { hashOf, pick } from "../random";
import type { Directory, Membership, Person } from "./model";
import { GIVEN_NAMES, ODD_PERSON_NAMES, SURNAMES, TITLES } from "./names";

/** Number of people in one department that needs several pages. */
const CROWD = 230;
/** More than the people of any department, so that department and position fit into one number. */
const PLACES = 512;

/** A department's ordinal and a position in it. */
type Position = { readonly ordinal: number; readonly place: number };

const CROWD_FROM_SIZE = 20;
const HUGE_ORDER = 176_318_668_975_061_512n;
const HIRED_FROM = Date.UTC(2005, 0, 1);
const DAYS_OF_HIRING = 7_500;
const DAY_MS = 86_400_000;

/** Returns the number of people generated with the department as their first one. */
export function homePeopleOf(directory: Directory, ordinal: number): number {
  const isCrowded =
    directory.size >= CROWD_FROM_SIZE && ordinal === 1 + (hashOf(directory.seed, 21) % directory.size);
  return isCrowded ? CROWD : 3 + (hashOf(directory.seed, ordinal, 22) % 4);
}

/**
 * Lists the userids of a department's generated people: first those whose first department it is, then guests.
 *
 * A fixed distance between ordinals links second and third departments. It can be followed in both directions without
 * an index.
 */
export function generatedMembers(directory: Directory, ordinal: number): string[] {
  const members = Array.from({ length: homePeopleOf(directory, ordinal) }, (_, place) =>
    useridOf(directory, ordinal, place),
  );
  const count = directory.idsByOrdinal.length;
  for (const [nth, distance] of guestDistances(directory).entries()) {
    const home = (ordinal - distance + count) % count;
    if (home !== ordinal && isGuest(directory, home, nth))
      members.push(useridOf(directory, home, GUEST_PLACE));
  }
  return members;
}

/** Returns a generated person, or null for an unknown userid. */
export function generatedPerson(directory: Directory, userid: string): Person | null {
  const position = positionOf(directory, userid);
  if (!position) return null;
  const { ordinal, place } = position;
  const hash = hashOf(directory.seed, ordinal, place, 31);
  const serial = ordinal * PLACES + place;
  const name = nameOf(ordinal, place, hash);
  const hasEmail = hash % 5 !== 0;
  return {
    userid,
    unionid: unionidOf(directory, serial),
    name,
    title: place === 0 ? "负责人" : pick(TITLES, hash >>> 3),
    mobile: `1${pick(["38", "39", "50", "58", "86", "99"], hash)}${String(serial).padStart(8, "0").slice(-8)}`,
    email: hasEmail ? `u${serial.toString(36)}@example.invalid` : "",
    telephone: hash % 4 === 0 ? `0571-8${String(serial % 10_000_000).padStart(7, "0")}` : "",
    remark: hash % 13 === 0 ? "借调，家属联系人见档案" : "",
    avatar: hash % 3 === 0 ? `https://static.example.invalid/avatar/${serial}.jpg` : "",
    jobNumber: hash % 7 === 0 ? "" : `DK${String(serial).padStart(7, "0")}`,
    hiredAt: HIRED_FROM + (hash % DAYS_OF_HIRING) * DAY_MS,
    isActive: isActive(hash),
    isAdmin: ordinal === 0 && place < 2,
    isBoss: ordinal === 0 && place === 0,
    isAccessLimited: false,
    memberships: membershipsOf(directory, ordinal, place),
    negativeDeptIds: hash % 37 === 0 ? [hash % 2 === 0 ? -7 : -1] : [],
    fields: hash % 11 === 0 ? { x_unlisted_field: { since: 2026, tags: ["试用"] } } : {},
  };
}

/** Counts the generated people, in time proportional to the number of departments. */
export function countGenerated(directory: Directory, onlyActive: boolean): number {
  let count = 0;
  for (let ordinal = 0; ordinal < directory.idsByOrdinal.length; ordinal += 1) {
    const people = homePeopleOf(directory, ordinal);
    count += onlyActive ? countActive(directory, ordinal, people) : people;
  }
  return count;
}

function countActive(directory: Directory, ordinal: number, people: number): number {
  let count = 0;
  for (let place = 0; place < people; place += 1) {
    if (isActive(hashOf(directory.seed, ordinal, place, 31))) count += 1;
  }
  return count;
}

/** Decides by hash: one in nineteen people has not activated the account. */
const isActive = (hash: number): boolean => hash % 19 !== 0;

/** The second person of a department may belong to others too. */
const GUEST_PLACE = 1;
/** One in four departments has that person in one more department, one in twelve in two more. */
const LENT_EVERY = [4, 12] as const;

const isGuest = (directory: Directory, home: number, nth: number): boolean =>
  hashOf(directory.seed, home, 41) % (LENT_EVERY[nth] ?? 1) === 0;

function guestDistances(directory: Directory): number[] {
  const count = directory.idsByOrdinal.length;
  if (count < 3) return [];
  const first = 1 + (hashOf(directory.seed, 42) % (count - 1));
  const second = first === count - 1 ? 1 : first + 1;
  return [first, second];
}

function membershipsOf(directory: Directory, ordinal: number, place: number): Membership[] {
  const memberships = [membershipIn(directory, { ordinal, place }, place === 0)];
  if (place !== GUEST_PLACE) return memberships;
  const count = directory.idsByOrdinal.length;
  for (const [nth, distance] of guestDistances(directory).entries()) {
    const other = (ordinal + distance) % count;
    if (!isGuest(directory, ordinal, nth) || other === ordinal) continue;
    const isLeader = hashOf(directory.seed, ordinal, 43) % 5 === 0;
    memberships.push(membershipIn(directory, { ordinal: other, place }, isLeader));
  }
  return memberships;
}

function membershipIn(directory: Directory, { ordinal, place }: Position, isLeader: boolean): Membership {
  const deptId = directory.idsByOrdinal[ordinal] ?? 0;
  return { deptId, order: HUGE_ORDER - BigInt(ordinal * PLACES + place), isLeader };
}

/** The first few departments each have one person with an odd name; later ones rarely do. */
function nameOf(ordinal: number, place: number, hash: number): string {
  const isOdd = place === 2 && (ordinal < ODD_PERSON_NAMES.length || hash % 40 === 0);
  if (isOdd) return pick(ODD_PERSON_NAMES, ordinal);
  return `${pick(SURNAMES, hash)}${pick(GIVEN_NAMES, hash >>> 9)}`;
}

/** Odd, so that the multiplication is invertible. */
const SCRAMBLE = 0x01000193;
const UNSCRAMBLE = inverseOf(SCRAMBLE);

/** Computes the inverse of a multiplication modulo 2^32 by Newton's method. */
function inverseOf(odd: number): number {
  let inverse = odd;
  for (let step = 0; step < 5; step += 1) {
    inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  }
  return inverse;
}

/** Encodes a person's position in the userid. */
function useridOf(directory: Directory, ordinal: number, place: number): string {
  if (ordinal === 0 && place === 0) return "manager0001";
  const scrambled = (Math.imul(ordinal * PLACES + place, SCRAMBLE) ^ hashOf(directory.seed, 51)) >>> 0;
  return `${useridPrefix(directory)}${String(scrambled).padStart(10, "0")}`;
}

const useridPrefix = (directory: Directory): string =>
  `0${String(hashOf(directory.seed, 52) % 100_000).padStart(5, "0")}`;

function positionOf(directory: Directory, userid: string): Position | null {
  if (userid === "manager0001") return { ordinal: 0, place: 0 };
  const prefix = useridPrefix(directory);
  const digits = userid.slice(prefix.length);
  if (!userid.startsWith(prefix) || !/^\d{10}$/.test(digits)) return null;
  const serial = Math.imul(Number(digits) ^ hashOf(directory.seed, 51), UNSCRAMBLE) >>> 0;
  const [ordinal, place] = [Math.floor(serial / PLACES), serial % PLACES];
  const isSomebody =
    ordinal < directory.idsByOrdinal.length && place < homePeopleOf(directory, ordinal) && serial !== 0;
  // The round trip refuses digits beyond 2^32, which would be a second userid of the same person.
  return isSomebody && useridOf(directory, ordinal, place) === userid ? { ordinal, place } : null;
}

const unionidOf = (directory: Directory, serial: number): string =>
  Buffer.from(
    `${hashOf(directory.seed, serial, 61).toString(36)}.${serial.toString(36)}.${directory.seed.toString(36)}`,
  ).toString("base64url") + "iEiE";
