import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { BYTE_ORDER_MARK, csvLine } from "../csv";
import { type PastDepartment, streamPastDepartments, streamPastPeople } from "../history/stream-past";
import { mapPerson, mapPersonToJson } from "../mapping/map-person";
import { isPersonal } from "../mapping/sources";
import { type FieldRules, streamPeople } from "../members/list-people";
import type { PersonalAccess } from "../personal/visibility";
import type { Person } from "../reader/people";
import { type Department, type DepartmentsEnd, streamDepartments } from "../tree/list-departments";
import type { ExportQuery } from "./schema";

type Cells = readonly (string | null)[];
type File = ExportQuery & {
  readonly personal: PersonalAccess;
  readonly titleOf: (column: string) => string;
};

const DEPARTMENT_COLUMNS = [
  "id",
  "parentId",
  "name",
  "order",
  "sourceIdentifier",
  "managers",
  "membersDirect",
  "membersTotal",
  "detailsAt",
] as const;

type Row = Department | PastDepartment;

const departmentCells = (one: Row): Cells => [
  one.id,
  one.parentId,
  one.name,
  one.order,
  one.sourceIdentifier,
  one.managers?.join("; ") ?? null,
  String(one.members.direct),
  one.members.total === null ? null : String(one.members.total),
  "detailsAt" in one ? (one.detailsAt?.toISOString() ?? null) : null,
];

const isDepartment = (one: Row | DepartmentsEnd): one is Row => !("end" in one);

const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

async function* departmentsText(
  actor: Actor<"directory.read">,
  appId: string,
  { format, titleOf, at }: File,
): AsyncGenerator<string> {
  // Sent with the first batch, so that an unknown app or run fails before any output
  let head = format === "csv" ? BYTE_ORDER_MARK + csvLine(DEPARTMENT_COLUMNS.map(titleOf)) : "";
  for await (const batch of at === undefined
    ? streamDepartments(actor, appId)
    : streamPastDepartments({ actor, appId, at })) {
    const lines =
      format === "ndjson"
        ? batch.map(jsonLine)
        : batch.filter(isDepartment).map((one) => csvLine(departmentCells(one)));
    yield head + lines.join("");
    head = "";
  }
}

/** Returns the columns of the mapping, without personal ones when the caller can't see them. */
function columnsOf({ mapping, personal }: FieldRules): string[] {
  const isVisible = personal === "told" || personal === "masked";
  const sources = [...mapping.export];
  return sources
    .filter(([, source]) => source.from !== "nothing" && (isVisible || !isPersonal(source)))
    .map(([name]) => name);
}

function personCells(person: Person, rules: FieldRules, columns: readonly string[]): Cells {
  const fields = mapPerson(person, rules.mapping, "export");
  const places = person.places.map(({ departmentId }) => departmentId).join("; ");
  return [person.userId, ...columns.map((name) => fields.get(name) ?? null), places];
}

const personLine = (person: Person, { mapping }: FieldRules): string =>
  jsonLine({
    userId: person.userId,
    ...mapPersonToJson(person, mapping, "export"),
    places: person.places,
  });

async function* membersText(
  actor: Actor<"directory.read">,
  appId: string,
  { format, titleOf, personal, at }: File,
): AsyncGenerator<string> {
  let columns: readonly string[] | null = null;
  for await (const batch of at === undefined
    ? streamPeople(actor, appId, personal)
    : streamPastPeople({ actor, appId, at })) {
    if ("end" in batch) {
      if (format === "ndjson") yield jsonLine(batch);
      return;
    }
    const { people, rules } = batch;
    if (format === "ndjson") {
      yield people.map((person) => personLine(person, rules)).join("");
      continue;
    }
    // Read once, so that a change of the mapping during the export doesn't shift cells into other columns
    const isFirst = columns === null;
    const shown = (columns ??= columnsOf(rules));
    const head = BYTE_ORDER_MARK + csvLine(["userId", ...shown, "departmentIds"].map(titleOf));
    const lines = people.map((person) => csvLine(personCells(person, rules, shown)));
    yield (isFirst ? head : "") + lines.join("");
  }
}

/** Streams departments or members as CSV for Excel or as NDJSON, whose last line marks a complete file. */
export const exportDirectory = (
  actor: Actor<"directory.read">,
  appId: string,
  file: File,
): AsyncGenerator<string> =>
  file.what === "departments" ? departmentsText(actor, appId, file) : membersText(actor, appId, file);
