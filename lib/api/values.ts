import { z } from "zod";
import { isUuid } from "@/lib/public-id";

/** A moment as RFC 3339 has it, in UTC with milliseconds. Handlers give dates. */
export const time = z
  .union([z.date().transform((date) => date.toISOString()), z.iso.datetime()])
  .pipe(z.iso.datetime());

/** An id in the one form that we write. */
export const id = z.uuid().refine(isUuid);

/** No parameters, or no query. */
export const none = z.strictObject({});

/** An app in an address. `defineRoute` puts the id in the place of an AppKey. */
export const appParams = z.strictObject({
  appId: z.string().meta({ description: "The app's ID or AppKey." }).pipe(id),
});
