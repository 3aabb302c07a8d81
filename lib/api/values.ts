import { z } from "zod";

/** A moment as RFC 3339 has it, in UTC with milliseconds. Handlers give dates. */
export const time = z
  .union([z.date().transform((date) => date.toISOString()), z.iso.datetime()])
  .pipe(z.iso.datetime());
