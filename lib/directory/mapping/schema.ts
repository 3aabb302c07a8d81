import { z } from "zod";

/** What is made of people, as addresses and forms name it. */
export const mappedName = z.enum(["api", "scim", "export"]);

/** A form's sources by `api.title`, among whatever else: what is wrong with one is for `checkSources` to say. */
export const mappingInput = z
  .object({
    app: z.string(),
    of: mappedName.default("api"),
    intent: z.enum(["save", "preview"]).default("preview"),
  })
  .catchall(z.string());
