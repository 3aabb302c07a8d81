import { parsePublicId, toPublicId } from "@/lib/public-id";
import type { Position } from "./position";

const EVENT_ID = /^evt_([0-9a-z]{26})_([1-9]\d{0,14})_(0|[1-9]\d{0,9})$/;

/** Returns the ID of an event, which every delivery and every page repeats. */
export const eventIdOf = (organizationId: string, { sequence, number }: Position): string =>
  `evt_${toPublicId(organizationId)}_${sequence}_${number}`;

/** @returns `null` for an ID of another organization, as for a malformed one */
export function parseEventId(organizationId: string, id: string): Position | null {
  const [, publicId = "", sequence, number] = EVENT_ID.exec(id) ?? [];
  if (parsePublicId(publicId) !== organizationId) return null;
  return { sequence: Number(sequence), number: Number(number) };
}
