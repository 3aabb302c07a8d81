import { z } from "zod";
import { isUuid } from "@/lib/public-id";

/** A time in RFC 3339 format, in UTC with milliseconds. Handlers return dates. */
export const time = z
  .union([z.date().transform((date) => date.toISOString()), z.iso.datetime()])
  .pipe(z.iso.datetime());

export const id = z.uuid().refine(isUuid);

export const none = z.strictObject({});

/** An app in a path. `defineRoute` replaces an AppKey with the id. */
export const appParams = z.strictObject({
  appId: z.string().meta({ description: "The app's ID or AppKey." }).pipe(id),
});
