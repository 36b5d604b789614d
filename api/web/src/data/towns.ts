// The 59 municipalities of Südwestfalen. Coordinates and inhabitants are APPROXIMATE, written from general knowledge
// for a sketch of the region: a point near each town's centre, not a survey; the cells drawn around them are no
// administrative borders. AGS: Kreis number and the alphabetical number in steps of four.
export type Kreis = 'HSK' | 'MK' | 'OE' | 'SI' | 'SO';

export interface Town {
  name: string;
  ags: string;
  kreis: Kreis;
  latitude: number;
  longitude: number;
  // Thousand inhabitants.
  inhabitants: number;
}

export const kreise: Record<Kreis, string> = {
  HSK: 'Hochsauerlandkreis',
  MK: 'Märkischer Kreis',
  OE: 'Kreis Olpe',
  SI: 'Kreis Siegen-Wittgenstein',
  SO: 'Kreis Soest',
};

type Row = [name: string, ags: string, latitude: number, longitude: number, inhabitants: number];

const rows: Record<Kreis, Row[]> = {
  HSK: [
    ['Arnsberg', '05958004', 51.41, 8.03, 74],
    ['Bestwig', '05958008', 51.355, 8.4, 10.5],
    ['Brilon', '05958012', 51.396, 8.575, 25.5],
    ['Eslohe', '05958016', 51.255, 8.17, 8.8],
    ['Hallenberg', '05958020', 51.112, 8.62, 4.5],
    ['Marsberg', '05958024', 51.455, 8.85, 19],
    ['Medebach', '05958028', 51.197, 8.707, 8.2],
    ['Meschede', '05958032', 51.345, 8.28, 30],
    ['Olsberg', '05958036', 51.345, 8.495, 14.4],
    ['Schmallenberg', '05958040', 51.155, 8.29, 25],
    ['Sundern', '05958044', 51.325, 8.0, 27.5],
    ['Winterberg', '05958048', 51.193, 8.53, 12.7],
  ],
  MK: [
    ['Altena', '05962004', 51.295, 7.67, 16.5],
    ['Balve', '05962008', 51.33, 7.865, 11.2],
    ['Halver', '05962012', 51.185, 7.5, 16],
    ['Hemer', '05962016', 51.385, 7.77, 34],
    ['Herscheid', '05962020', 51.178, 7.745, 7],
    ['Iserlohn', '05962024', 51.378, 7.685, 92.2],
    ['Kierspe', '05962028', 51.135, 7.585, 16],
    ['Lüdenscheid', '05962032', 51.22, 7.63, 71.5],
    ['Meinerzhagen', '05962036', 51.105, 7.65, 20.3],
    ['Menden', '05962040', 51.44, 7.795, 52],
    ['Nachrodt-Wiblingwerde', '05962044', 51.317, 7.61, 6.5],
    ['Neuenrade', '05962048', 51.285, 7.785, 11.8],
    ['Plettenberg', '05962052', 51.21, 7.875, 25],
    ['Schalksmühle', '05962056', 51.24, 7.53, 10.2],
    ['Werdohl', '05962060', 51.258, 7.76, 17.8],
  ],
  OE: [
    ['Attendorn', '05966004', 51.125, 7.9, 24.5],
    ['Drolshagen', '05966008', 51.025, 7.77, 11.6],
    ['Finnentrop', '05966012', 51.18, 7.97, 16.7],
    ['Kirchhundem', '05966016', 51.075, 8.105, 11.4],
    ['Lennestadt', '05966020', 51.13, 8.055, 25],
    ['Olpe', '05966024', 51.03, 7.85, 25],
    ['Wenden', '05966028', 50.965, 7.865, 19.6],
  ],
  SI: [
    ['Bad Berleburg', '05970004', 51.05, 8.4, 19],
    ['Burbach', '05970008', 50.745, 8.085, 14.9],
    ['Erndtebrück', '05970012', 50.99, 8.255, 6.9],
    ['Freudenberg', '05970016', 50.898, 7.873, 17.8],
    ['Hilchenbach', '05970020', 50.998, 8.115, 14.8],
    ['Kreuztal', '05970024', 50.962, 7.99, 31],
    ['Bad Laasphe', '05970028', 50.928, 8.41, 13.4],
    ['Netphen', '05970032', 50.915, 8.12, 23.2],
    ['Neunkirchen', '05970036', 50.8, 7.995, 13],
    ['Siegen', '05970040', 50.877, 8.015, 102],
    ['Wilnsdorf', '05970044', 50.818, 8.105, 20],
  ],
  SO: [
    ['Anröchte', '05974004', 51.565, 8.33, 10.2],
    ['Bad Sassendorf', '05974008', 51.583, 8.18, 12.2],
    ['Ense', '05974012', 51.5, 7.975, 12.2],
    ['Erwitte', '05974016', 51.612, 8.345, 16.3],
    ['Geseke', '05974020', 51.64, 8.515, 21.6],
    ['Lippetal', '05974024', 51.662, 8.12, 11.8],
    ['Lippstadt', '05974028', 51.677, 8.345, 68],
    ['Möhnesee', '05974032', 51.495, 8.14, 11.7],
    ['Rüthen', '05974036', 51.492, 8.44, 11],
    ['Soest', '05974040', 51.572, 8.105, 47.5],
    ['Warstein', '05974044', 51.445, 8.35, 24.4],
    ['Welver', '05974048', 51.615, 7.96, 11.9],
    ['Werl', '05974052', 51.555, 7.915, 31],
    ['Wickede', '05974056', 51.497, 7.868, 12.6],
  ],
};

export const towns: readonly Town[] = (Object.keys(rows) as Kreis[]).flatMap((kreis) =>
  rows[kreis].map(([name, ags, latitude, longitude, inhabitants]) => ({
    name,
    ags,
    kreis,
    latitude,
    longitude,
    inhabitants,
  })),
);

// A tenant belongs to a town by its AGS, else by its name without umlauts and case ("bad-berleburg").
export function townOf(tenant: { name: string; ags?: string | null }): Town | undefined {
  const byAgs = tenant.ags ? towns.find((town) => town.ags === tenant.ags) : undefined;
  return byAgs ?? towns.find((town) => plain(town.name) === plain(tenant.name));
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .replace(/[^a-z]/g, '');
}
