export declare function useState<T>(initial: T): [T, (value: T) => void];
