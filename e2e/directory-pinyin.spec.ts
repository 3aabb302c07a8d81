import { focused, openDirectory } from "./support/directory-page";
import { expect, makePerson, test } from "./support/fixtures";
import { plantDirectory } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";

test("a typed letter moves to a Chinese name by its pinyin", async ({ page }) => {
  const app = await plantDirectory(await plantPerson(page, makePerson()), [
    { id: 1, name: "集团" },
    { id: 2, parent: 1, name: "财务部", order: 1n },
    { id: 3, parent: 1, name: "销售部", order: 2n },
    { id: 4, parent: 1, name: "研发部", order: 3n },
  ]);
  await openDirectory(page, app);
  await page.keyboard.press("y");
  await expect(focused(page)).toHaveText("研发部");
});
