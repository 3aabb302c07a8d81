import { writeFileSync } from "node:fs";
import { CLIENT_TYPES, clientTypes } from "./client-types-text";

/** `npm run client-types`: writes the client's types anew, from the OpenAPI document. */
writeFileSync(CLIENT_TYPES, await clientTypes());
