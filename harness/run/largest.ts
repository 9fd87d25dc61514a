/** How large a source file may be, in bytes: what is read of any subject. */
export const LARGEST = 1024 * 1024;
