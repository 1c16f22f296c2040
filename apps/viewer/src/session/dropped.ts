/** What was dropped onto the page: files, and those of a folder. */

/** More than the files of a recording; a folder of thousands is not walked through. */
const MOST_FILES = 32;

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => folder.createReader().readEntries(resolve, reject));
}

/** The files themselves, and those that lie directly in a folder that was dropped. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // Read at once: after this turn of the event loop the transfer is empty.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const plain = [...transfer.files];
  if (entries.length === 0) return plain.slice(0, MOST_FILES);
  const files: File[] = [];
  for (const entry of entries) {
    const inside = entry.isDirectory ? await entriesOf(entry as FileSystemDirectoryEntry) : [entry];
    for (const found of inside) {
      if (found.isFile && files.length < MOST_FILES) files.push(await fileOf(found as FileSystemFileEntry));
    }
  }
  return files;
}
