export interface WatchedFile {
  /** Inside the folder. */
  readonly name: string;
  readonly bytes: number;
  /** Epoch ms. */
  readonly modified: number;
}

/** Looks into folders of the machine. */
export interface FolderWatch {
  /** The files of a folder, without those below it and without hidden ones, whose name fits the pattern; at most `limit`, in order of name. None when there is no such folder. */
  list(folder: string, pattern: string, limit: number): Promise<readonly WatchedFile[]>;
}
