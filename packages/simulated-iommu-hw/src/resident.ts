const residents: object[] = []

/**
 * Keeps an object for the life of the program. The engine discards the optimised code of a class at a major collection that finds no instance of it
 * alive, and programs that make a page table, drop it and make the next would run that code slowly again and again.
 */
export function keepResident(object: object): void {
  residents.push(object)
}
