// Loads the AssemblyScript compiler before tsx hooks into module loading: tsx would rewrite its 14 MB for ten seconds.
import 'assemblyscript/asc';
