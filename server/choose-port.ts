import { nextFreePort } from "./free-port";
import { setDefaults } from "./local-settings";
import { noteAddress } from "./running-folder";

const PORT_WANTED = 3000;

/**
 * Sets PORT and the address of the pages. Without a PORT or an address of the operator's it is 3000, or the next free
 * one after it.
 *
 * @param hostname how the address names this machine
 * @param host what the server will listen on; every address when left out
 */
export async function choosePort(hostname: string, host?: string): Promise<void> {
  const isFixed = Boolean(process.env.PORT || process.env.NEXTAUTH_URL);
  const port = isFixed ? process.env.PORT || PORT_WANTED : await nextFreePort(PORT_WANTED, host);
  if (port !== PORT_WANTED && !isFixed)
    console.log(`Port ${PORT_WANTED} is taken by another program; using ${port} instead.`);
  setDefaults({ PORT: String(port), NEXTAUTH_URL: `http://${hostname}:${port}` });
  noteAddress(process.env.NEXTAUTH_URL ?? "");
}
