import { z } from "zod";
import { MAPPED } from "./default-mapping";

export const mappedName = z.enum(MAPPED);

/** A form's sources under keys such as `api.title`. `checkSources` validates them. */
export const mappingInput = z
  .object({
    app: z.string(),
    of: mappedName.default("api"),
    intent: z.enum(["save", "preview"]).default("preview"),
  })
  .catchall(z.string());
