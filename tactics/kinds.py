"""The kinds of places and of people that tactics are sorted by: this project's own lists, kept short. Pure."""

SETTINGS = {
    "homes": "Homes and residential streets",
    "public-places": "Streets, parks and other public places",
    "town-centre": "Town centres and the night-time economy",
    "shops": "Shops and other businesses",
    "schools": "Schools and colleges",
    "transport": "Roads and public transport",
    "online": "Online and by telephone",
    "control-room": "Control rooms",
    "stations": "Police stations and custody",
    "police-force": "The police organisation as a whole",
    "health-justice": "Courts, probation and health services",
}
POPULATIONS = {
    "residents": "Residents and the public",
    "victims": "Victims and witnesses",
    "children": "Children and young people",
    "offenders": "Suspects and people who have offended",
    "businesses": "Businesses and their staff",
    "officers": "Officers and police staff",
    "vulnerable": "People at risk or in crisis",
}
