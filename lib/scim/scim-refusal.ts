import { AppError } from "@/lib/errors";

/** What a request is refused for, by SCIM's own names. */
type ScimType = "invalidFilter" | "invalidValue" | "invalidPath";

/** A request that SCIM answers with 400 and a name for the reason. */
export class ScimRefusal extends AppError {
  readonly scimType: ScimType;

  constructor(scimType: ScimType, detail: string) {
    super("malformed", `a SCIM request was refused: ${detail}`, { detail });
    this.scimType = scimType;
  }
}
