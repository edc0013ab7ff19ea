/** Milliseconds of each of 100 times appending a page to a file and having it on disk. */
export declare function timeFsyncs(): Promise<number[]>;
