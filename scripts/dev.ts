import { localSecrets, setDefaults } from "./local-settings";
import { onStop } from "./on-stop";
import { ownDatabase, readyDatabase } from "./open-database";
import { serve } from "./serve";

/** `npm run dev`: the server with Next's development build behind it, on the embedded database. */
setDefaults({ ...localSecrets(), NODE_ENV: "development", PORT: "3000", SIGN_UP: "open" });
setDefaults({ NEXTAUTH_URL: `http://localhost:${process.env.PORT}` });
const embedded = await ownDatabase();
await readyDatabase();
const { stopSteps } = await serve({ isDevelopment: true });
onStop([...stopSteps, async () => embedded?.stop()]);
console.log(`Ready at ${process.env.NEXTAUTH_URL}`);
