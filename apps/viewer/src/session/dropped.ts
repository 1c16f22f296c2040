/** What was dropped onto the page: files, and those of a folder. */

/** More than the files of a recording; a folder of thousands is not walked through. */
const MOST_FILES = 32;

/** So many entries of a folder are looked at, among them other folders, which are left alone. */
const MOST_ENTRIES = 1024;

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/**
 * What lies directly in a folder. A reader hands out its entries in batches (of a hundred in Chromium), the last of
 * which is empty; it is asked until then, or until there are `MOST_ENTRIES`.
 */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  while (all.length < MOST_ENTRIES) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) break;
    all.push(...batch);
  }
  return all.slice(0, MOST_ENTRIES);
}

/** The files themselves, and those that lie directly in a folder that was dropped: at most 32. Their sizes are judged before they are read. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // Read at once: after this turn of the event loop the transfer is empty.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const plain = [...transfer.files];
  if (entries.length === 0) return plain.slice(0, MOST_FILES);
  const files: File[] = [];
  for (const entry of entries) {
    if (files.length >= MOST_FILES) break;
    const inside = entry.isDirectory ? await entriesOf(entry as FileSystemDirectoryEntry) : [entry];
    for (const found of inside) {
      if (found.isFile && files.length < MOST_FILES) files.push(await fileOf(found as FileSystemFileEntry));
    }
  }
  return files;
}
