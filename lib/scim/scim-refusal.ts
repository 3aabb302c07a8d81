import { AppError } from "@/lib/errors";

type ScimType = "invalidFilter" | "invalidValue" | "invalidPath";

/** A SCIM request that is answered with 400 and a `scimType`. */
export class ScimRefusal extends AppError {
  readonly scimType: ScimType;

  constructor(scimType: ScimType, detail: string) {
    super("malformed", `a SCIM request was refused: ${detail}`, { detail });
    this.scimType = scimType;
  }
}
